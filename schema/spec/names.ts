import { z } from 'zod'
import { defineNamed } from './section.ts'
import { defineWords } from './words.ts'

/** A string of a certain form: what it is called, the pattern, an example. The words are those of the message. */
const form = (title: string, pattern: RegExp, examples: readonly [string, ...string[]], maximum?: number) =>
  (maximum === undefined ? z.string() : z.string().max(maximum))
    .regex(pattern)
    .meta({ title, examples: [...examples] })

/** A DNS label as a regular expression. */
export const labelPattern = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const domain = `(${labelPattern}\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?`
/** A port number from 1 to 65535 in a text. */
const portText = '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
/** The text between `://` and the path of a URL: consumers use url.Parse of Go, which refuses other ports and brackets. */
const authority = `([-A-Za-z0-9._~!$&'()+,;=:%]+@)?([A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:${portText})?`
/** The rest of a URL. `excluded`: signs that it may not hold beside those that no URL has. */
const makeUrlRest = (excluded = '') => `([/?#]([^\\s"\\\\<>{}%${excluded}]|%[0-9A-Fa-f]{2})*)?`

/** The name form that Kubernetes asks of a Service: a DNS label that begins with a letter. */
export const ServiceName = form('a DNS label', /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, ['my-api'])
/** The name of a team, as `owner` of a service has it. */
export const TeamName = form('a team name', /^[A-Za-z0-9][-A-Za-z0-9_. @]*$/, ['team-reviews'], 63)
export const Namespace = form('a namespace name', new RegExp(`^${labelPattern}$`), ['my-api'])
/** The label `default` stands for a control plane without a revision. */
export const RevisionName = form(
  'a revision name other than `default`',
  new RegExp(`^(?!default$)${labelPattern}$`),
  ['canary'],
)
/** The Service of a tag is called `istiod-revision-tag-<tag>`, which is a DNS label. */
export const RevisionTag = form(
  'a tag of up to 43 characters other than `default`',
  /^(?!default$)[a-z0-9]([-a-z0-9]{0,41}[a-z0-9])?$/,
  ['prod'],
)
export const VersionName = form('a version name', new RegExp(`^${labelPattern}$`), ['canary'])
/** The receiver of a share: a version of the service itself, another service with all its instances, or one version of it. */
export const Receiver = form(
  'a version, `service/<name>` or `service/<name>/<version>`',
  new RegExp(`^(${labelPattern}|service/[a-z]([-a-z0-9]{0,61}[a-z0-9])?(/${labelPattern})?)$`),
  ['canary', 'service/orders-v2'],
)
export const PortName = form('a port name', /^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$/, ['grpc-admin'])
/** A name that stands in those of a secret and of a port of the Gateway, which is a label with `https-` before it. */
export const CertificateName = form('a name of up to 30 characters', /^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/, [
  'shop',
])
/** A VirtualService's rule for everything that is left is called `default`. */
export const RouteName = form(
  'a route name other than `default`',
  new RegExp(`^(?!default$)${labelPattern}$`),
  ['testers'],
)

export const Host = form('a host name with a domain', new RegExp(`^${domain}$`), ['api.example.com'], 189)
export const ExternalHost = form(
  'a host name with a domain, or `*.` and a domain',
  new RegExp(`^(\\*\\.)?${domain}$`),
  ['api.stripe.com', '*.example.com'],
  189,
)
/** The host of a gateway's server and of its routes, as Istio's Gateway has it. */
export const GatewayHost = form(
  'a host name with a domain, `*.` and a domain, or `*`',
  new RegExp(`^(\\*|(\\*\\.)?${domain})$`),
  ['api.example.com', '*.example.com', '*'],
  189,
)
/** Where images lie: the host of a registry and a path in it, without the name of an image. */
export const ImageHub = form(
  'a registry and a path, without a tag',
  new RegExp(`^${labelPattern}(\\.${labelPattern})*(:${portText})?(/[a-z0-9]+([-._]+[a-z0-9]+)*)*$`),
  ['registry.example.com/istio'],
  200,
)
/** A host with a port, as an address of another system is written. */
export const Address = form(
  'a host and a port',
  new RegExp(`^${labelPattern}(\\.${labelPattern})*:${portText}$`),
  ['jaeger-collector.observability:4317'],
  253,
)
export const Url = form(
  'an http or https URL',
  new RegExp(`^https?://${authority}${makeUrlRest()}$`),
  ['http://prometheus.monitoring:9090'],
  2048,
)
export const Origin = form(
  'an origin: a scheme and a host',
  new RegExp(`^https?://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:${portText})?$`),
  ['https://app.example.com'],
  255,
)
export const Repository = form(
  'a git repository URL',
  new RegExp(
    `^(https|ssh|git)://${authority}${makeUrlRest()}$|^file://[^\\s"\\\\<>{}]+$|^git@[^\\s"\\\\<>{}]+$`,
  ),
  ['https://git.example.com/platform/mesh.git'],
  2048,
)

/** A branch, tag or commit that Argo CD follows. */
export const GitRevision = form('a branch, tag or commit', /^[A-Za-z0-9][-A-Za-z0-9._/]{0,199}$/, ['main'])

/** A folder below the root of a repository, without a slash at either end. */
export const Folder = form(
  'a path of a folder, without `/` at its ends',
  /^[A-Za-z0-9_][-A-Za-z0-9_.]*(\/[A-Za-z0-9_][-A-Za-z0-9_.]*)*$/,
  ['platform/mesh'],
  255,
)
/** A file of manifests in a folder, as Argo CD reads it: no character of it means something in a glob. */
export const NeighborFile = form(
  'a file in one folder, such as `team-a/dashboard.yaml`',
  /^[A-Za-z0-9][-A-Za-z0-9_.]*\/[A-Za-z0-9][-A-Za-z0-9_.]*\.(yaml|yml|json)$/,
  ['team-a/dashboard.yaml'],
  255,
)
/** The name of a document, which is a file of Markdown. */
export const DocumentName = form(
  'a file name that ends in `.md`',
  /^[A-Za-z0-9][-A-Za-z0-9_.]*\.md$/,
  ['ON-CALL.md'],
  100,
)
export const TemplateFile = form(
  'a path that ends in `.liquid`, without `/` at its beginning',
  /^[A-Za-z0-9_][-A-Za-z0-9_.]*(\/[A-Za-z0-9_][-A-Za-z0-9_.]*)*\.liquid$/,
  ['templates/on-call.liquid'],
  255,
)
/** A Helm repository, or with `oci://` a registry. */
export const ChartRepository = form(
  'a URL that begins with https, http or oci',
  new RegExp(`^(https?|oci)://${authority}${makeUrlRest('*')}$`),
  ['https://istio-release.storage.googleapis.com/charts'],
  2048,
)
export const Cluster = form(
  'the name of a cluster, or the https URL of its API server',
  new RegExp(`^(https://${authority}${makeUrlRest('*')}|[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$`),
  ['shop-prod-eu', 'https://kubernetes.default.svc'],
  2048,
)
/** The five fields of cron; that they say a time, a rule finds out. */
export const Schedule = form(
  'five fields of cron: minute, hour, day, month, day of the week',
  /^[-0-9A-Za-z*?,/]+( [-0-9A-Za-z*?,/]+){4}$/,
  ['0 9 * * 1-4'],
  255,
)
/** As Argo CD reads the duration of a sync window; longer than a year it is no window. */
export const WindowDuration = form('a duration in minutes or hours', /^[1-9][0-9]{0,3}(m|h)$/, ['6h', '90m'])
export const TimeZone = form(
  'a time zone',
  /^(UTC|[A-Z][A-Za-z]+(\/[A-Z][-A-Za-z0-9_+]*){1,2})$/,
  ['Europe/Berlin'],
  64,
)

export const Duration = form('a duration', /^[1-9][0-9]{0,5}(ms|s|m|h)$/, ['30s', '250ms', '5m'])
/** A duration that Istio takes in whole seconds only. */
export const WholeSeconds = form('a duration in whole seconds', /^[1-9][0-9]{0,5}(s|m|h)$/, ['24h'])
const percent = /^(100(\.0{1,2})?|[1-9]?[0-9](\.[0-9]{1,2})?)%$/
export const Percent = form('a percentage', percent, ['1%', '99.9%'])
/** A share of the requests that a version gets. */
export const Weight = form('a percentage', percent, ['90%'])
/** A share of requests that a fault hits or that is copied: of none, there is no fault and no copy. */
export const PositivePercent = form(
  'a percentage from 0.01%',
  /^(100(\.0{1,2})?|[1-9][0-9]?(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))%$/,
  ['10%', '0.1%'],
)
/** A share where none at all would mean something else: Istio reads a `maxEjectionPercent` of 0 as its own default. */
export const PositiveShare = form('a whole percentage from 1%', /^(100|[1-9][0-9]?)%$/, ['10%'])
export const Cpu = form('an amount of CPU in millicores', /^[1-9][0-9]{0,6}m$/, ['500m'])
export const Memory = form('an amount of memory', /^[1-9][0-9]{0,6}(Ki|Mi|Gi)$/, ['512Mi', '2Gi'])

/** A region, or with slashes a zone and a subzone of it. */
export const Locality = form(
  'a region, optionally followed by `/` and a zone, and by `/` and a subzone',
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?(\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?){0,2}$/,
  ['eu-west-1/a'],
)
/** A region, or with slashes a zone and a subzone of it; `*` at its end stands for every one. */
export const LocalityPattern = form(
  'a locality: region, zone and subzone, joined by `/`',
  /^([A-Za-z0-9][-A-Za-z0-9_.]{0,62}(\/[A-Za-z0-9][-A-Za-z0-9_.]{0,62}){0,2}|([A-Za-z0-9][-A-Za-z0-9_.]{0,62}\/){0,2}\*)$/,
  ['eu-west-1/a/*'],
)
export const Region = form('a region', /^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/, ['eu-west-1'])
export const Zone = form('a zone', /^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/, ['eu-west-1a'])
/** The name of a Secret that Istio's settings can name. */
export const SecretName = form(
  'the name of a secret',
  new RegExp(`^${labelPattern}(\\.${labelPattern})*$`),
  ['stripe-client'],
  200,
)

const octet = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'

/** The pattern of an IPv4 address. */
export const ipv4 = `(${octet}\\.){3}${octet}`
/** An IPv4 address, or all that begin with the same bits. */
export const AddressRange = form(
  'an IPv4 address, or a range in CIDR form',
  new RegExp(`^${ipv4}(/(3[0-2]|[12][0-9]|[1-9]))?$`),
  ['203.0.113.7', '198.51.100.0/24'],
)
export const PortNumber = z
  .int()
  .min(1)
  .max(65535)
  .meta({ title: 'a port number from 1 to 65535', examples: [8080] })
export const Count = z
  .int()
  .min(1)
  .max(1_000_000)
  .meta({ title: 'a whole number from 1', examples: [100] })

export const Method = defineWords({
  GET: 'Reads a resource',
  HEAD: 'Reads only the headers of a resource',
  POST: 'Creates a resource, or starts an action',
  PUT: 'Replaces a resource',
  PATCH: 'Changes a part of a resource',
  DELETE: 'Deletes a resource',
  OPTIONS: 'Queries the allowed methods, as a browser does before a call to another site',
  CONNECT: 'Opens a tunnel',
  TRACE: 'Echoes the request',
}).meta({ description: 'An HTTP method, in upper case: Istio compares it exactly' })
/** A path, or everything under it. The query string is never part of it. */
export const Path = form(
  'a path: it begins with `/`, and `*` may stand at its end only',
  /^\/[-A-Za-z0-9._~!$&'()+,;=:@%/]*\*?$/,
  ['/api/*', '/healthz'],
  1024,
)
export const HeaderName = form('a header name in lower case', /^[a-z0-9]([-a-z0-9_]{0,126}[a-z0-9])?$/, [
  'x-canary',
])
/** A token, in any case: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1 */
export const CookieName = form('a cookie name', /^[-A-Za-z0-9!#$%&'*+.^_`|~]{1,128}$/, ['session'])
export const HeaderValue = form(
  'a header value: printable, without `%`',
  /^[!-$&-~]([ !-$&-~]*[!-$&-~])?$/,
  ['on'],
  1024,
)
const qualifiedName = new RegExp(
  `^(${labelPattern}(\\.${labelPattern})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`,
)
const LabelKey = form('a label key', qualifiedName, ['app.kubernetes.io/name'], 317)
export const AnnotationKey = form(
  'an annotation key',
  qualifiedName,
  ['service.beta.kubernetes.io/aws-load-balancer-type'],
  317,
)
export const LabelValue = form('a label value', /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, [
  'reviews',
])
export const Labels = defineNamed(LabelKey, LabelValue).meta({ examples: [{ app: 'reviews' }] })
export const Regex = z
  .string()
  .min(1)
  .max(1024)
  .meta({ title: 'a regular expression in RE2 syntax', examples: ['v[12]'] })

/** A value of a header, query parameter or claim: exactly this, everything that begins so (`x*`), or anything at all (`*`). */
export const Pattern = form(
  'a value, a prefix followed by `*`, or `*` for any value',
  /^[!-)+-~]([ !-)+-~]*[!-)+-~])?\*?$|^\*$/,
  ['jason', 'v1-*', '*'],
  1024,
)
