import { load, loadAll, YAML11_SCHEMA } from 'js-yaml'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { rootFile } from '../../compiler/emit/argocd/names.ts'
import { getDefaultControlPlane, getFileSuffix } from '../../compiler/mesh/control-planes.ts'
import { findManifestViolations } from '../../schema/conform.ts'
import type { AppProjectSpec } from '../../schema/generated/app-project.ts'
import type { ApplicationSpec } from '../../schema/generated/application.ts'
import type { HelmBaseValues } from '../../schema/generated/helm-base.ts'
import type { HelmCniValues } from '../../schema/generated/helm-cni.ts'
import type { HelmGatewayValues } from '../../schema/generated/helm-gateway.ts'
import type { HelmIstiodValues } from '../../schema/generated/helm-istiod.ts'
import type { IstioOperatorSpec } from '../../schema/generated/istio-operator.ts'
import type { KustomizationFields } from '../../schema/generated/kustomization.ts'
import type { MeshConfig } from '../../schema/generated/mesh-config.ts'
import type { BodyByKind } from '../../schema/generated/targets.ts'
import { manifestKinds } from '../../schema/spec/patches.ts'
import { at } from './at.ts'
import { listOwnValueViolations, listOwnViolations } from './own-violations.ts'

/** The kinds that meshc emits into `manifests/`. */
type ManifestKind = (typeof manifestKinds)[number]

/** An object of `manifests/`, read back from the text that is printed. */
export interface Emitted<Kind extends ManifestKind> {
  readonly kind: Kind
  readonly name: string
  /** Empty for a kind without namespace. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly spec: BodyByKind[Kind]
}

/** Lists the objects of one kind that an environment emits, without the raw objects of its spec. */
export function listObjects<Kind extends ManifestKind>(
  compilation: Compilation,
  kind: Kind,
): readonly Emitted<Kind>[] {
  const isOfKind = new RegExp(`^kind: ${kind}$`, 'm')
  return listDocuments(compilation)
    .filter(({ path, text }) => path.startsWith('manifests/') && isOfKind.test(text))
    .map(({ body }) => emitted(kind, body()))
}

/** Lists the objects of every kind. */
export const listAllObjects = (compilation: Compilation): readonly Emitted<ManifestKind>[] =>
  manifestKinds.flatMap<Emitted<ManifestKind>>(kind => listObjects(compilation, kind))

/**
 * Returns the IstioOperator that istioctl installs, for the control plane of most namespaces or for another
 * one.
 */
export function getIstioOperator(
  compilation: Compilation,
  suffix = getFileSuffix(getDefaultControlPlane(compilation.mesh.istio)),
): IstioOperatorSpec {
  const body = getBody(compilation, `istio/istio-operator${suffix}.yaml`)
  assert.equal(listOwnViolations(compilation.mesh, body), [], 'the IstioOperator conforms')
  // The file conforms to its schema.
  return body.spec as IstioOperatorSpec
}

/** Returns the list of files that kustomize builds from. */
export const getKustomization = (compilation: Compilation): KustomizationFields => {
  const body = getBody(compilation, 'kustomization.yaml')
  assert.equal(findManifestViolations(body), [], 'the kustomization conforms')
  // The file conforms to its schema.
  return body as KustomizationFields
}

/** The objects and settings for an Argo CD from an environment. */
export interface ArgocdObjects {
  readonly projects: readonly ArgocdObject<AppProjectSpec>[]
  readonly applications: readonly ArgocdObject<ApplicationSpec>[]
  /** The texts that `argocd-cm` gets. */
  readonly settings: Readonly<Record<string, string>>
  /** The texts that `argocd-notifications-cm` gets; none without a channel. */
  readonly notifications: Readonly<Record<string, string>>
}

export interface ArgocdObject<Spec> {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: Spec
}

/** Finds the objects that the root Application brings; undefined if there are none. */
export function findArgocd(compilation: Compilation): ArgocdObjects | undefined {
  const bodies = listDocuments(compilation)
    .filter(({ path }) => path.startsWith('argocd/') && path !== rootFile)
    .map(({ body }) => body())
  if (bodies.length === 0) return undefined
  for (const body of bodies)
    assert.equal(listOwnViolations(compilation.mesh, body), [], `a ${body.kind} conforms`)
  // The files conform to their schemas.
  const objects = <Spec>(kind: string) =>
    bodies
      .filter(body => body.kind === kind)
      .map(({ metadata, spec }) => ({
        namespace: '',
        labels: {},
        annotations: {},
        ...metadata!,
        spec: spec as Spec,
      }))
  const texts = (name: string) =>
    bodies.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata?.name === name)?.data
  return {
    projects: objects<AppProjectSpec>('AppProject'),
    applications: objects<ApplicationSpec>('Application'),
    settings: texts('argocd-cm') ?? {},
    notifications: texts('argocd-notifications-cm') ?? {},
  }
}

/** Lists the objects of `manifests/`, including raw objects. */
export function syncedObjects(compilation: Compilation) {
  return [...compilation.files()]
    .filter(({ path }) => path.startsWith('manifests/'))
    .flatMap(({ text }) => loadAll(text, { schema: YAML11_SCHEMA }))
    .map(object => ({
      group: String(at(object, 'apiVersion')).includes('/')
        ? String(at(object, 'apiVersion')).split('/')[0]!
        : '',
      kind: String(at(object, 'kind')),
      name: String(at(object, 'metadata', 'name')),
      namespace: at(object, 'metadata', 'namespace') as string | undefined,
    }))
}

/** The values of each Helm chart. The release `istio-<gateway>` names the values of a gateway. */
interface HelmValues {
  readonly base: HelmBaseValues
  readonly istiod: HelmIstiodValues
  cni(): HelmCniValues
  gateway(release: string): HelmGatewayValues
}

/** Returns the values of the Helm charts. */
export function getHelmValues(
  compilation: Compilation,
  suffix = getFileSuffix(getDefaultControlPlane(compilation.mesh.istio)),
): HelmValues {
  const conform = <Kind extends HelmKind>(kind: Kind, chart: string): BodyByKind[Kind] => {
    const values = getBody(compilation, `istio/values-${chart}.yaml`)
    assert.equal(listOwnValueViolations(compilation.mesh, kind, values), [], `the values of ${chart} conform`)
    // The values conform to their schemas.
    return values as BodyByKind[Kind]
  }
  return {
    base: conform('HelmBaseValues', 'base'),
    istiod: conform('HelmIstiodValues', `istiod${suffix}`),
    cni: () => conform('HelmCniValues', 'cni'),
    gateway: release => conform('HelmGatewayValues', release),
  }
}

type HelmKind = 'HelmBaseValues' | 'HelmIstiodValues' | 'HelmCniValues' | 'HelmGatewayValues'

/** Returns the mesh config for istioctl and for Helm, each with the name of the tool. */
export function getMeshConfigs(
  compilation: Compilation,
): readonly [readonly ['istioctl', MeshConfig], readonly ['Helm', MeshConfig]] {
  const { meshConfig } = getIstioOperator(compilation)
  const helm = getHelmValues(compilation).istiod.meshConfig
  assert.ok(meshConfig !== undefined && helm !== undefined, 'a mesh config is installed')
  return [
    ['istioctl', meshConfig],
    ['Helm', helm],
  ]
}

interface Document {
  readonly path: string
  readonly text: string
  /** Parses the text, once: most properties look at a few kinds only. */
  body(): Body
}

/** The part of an object that identifies it. */
interface Body {
  readonly kind?: string
  readonly metadata?: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: unknown
}

const cache = new WeakMap<Compilation, readonly Document[]>()

/** Lists every document of a compilation. */
function listDocuments(compilation: Compilation): readonly Document[] {
  const before = cache.get(compilation)
  if (before !== undefined) return before
  const documents: Document[] = []
  for (const { path, text } of compilation.files()) {
    if (!/^((manifests|istio|argocd)\/|kustomization\.yaml$)/.test(path) || path.endsWith('.raw.yaml'))
      continue
    for (const part of text.split(/^---$/m)) documents.push(getDocument(path, part))
  }
  cache.set(compilation, documents)
  return documents
}

function getDocument(path: string, text: string): Document {
  let body: Body | undefined
  return {
    path,
    text,
    body: () => {
      // Every file of these folders holds maps; one of another shape does not conform.
      // Kubernetes reads YAML 1.1.
      body ??= load(text, { schema: YAML11_SCHEMA }) as Body
      return body
    },
  }
}

function getBody(compilation: Compilation, path: string): Body {
  const document = listDocuments(compilation).find(document => document.path === path)
  assert.ok(document, `${path} is emitted`)
  return document.body()
}

function emitted<Kind extends ManifestKind>(kind: Kind, body: Body): Emitted<Kind> {
  assert.equal(findManifestViolations(body), [], `a ${kind} conforms`)
  const { name, namespace, labels } = body.metadata!
  // The object conforms to its schema. A Namespace has no spec, and no test reads a spec from it.
  return { kind, name, namespace: namespace ?? '', labels: labels ?? {}, spec: body.spec as BodyByKind[Kind] }
}
