/** A code of another checker, and what it would find in what meshc writes. */
export interface ForeignCode {
  /** `IST0101` of istioctl analyze 1.31, `KIA0101` of Kiali 2.30. */
  readonly code: string
  /** The finding in a few words. */
  readonly finds: string
  readonly ruledOut: RuledOut
  /** The way in which it is ruled out, or the reason why it is not. */
  readonly note: string
}

/**
 * The way in which a finding is ruled out: by a diagnostic of meshc (the diagnostics name the codes that they cover), by
 * a language in which its cause cannot be said, or by the way manifests are made; partly, where something is left that
 * only the cluster knows; or not at all.
 */
type RuledOut = 'diagnostic' | 'language' | 'construction' | 'partly' | 'no'

/** The 68 messages of istioctl analyze. See https://istio.io/latest/docs/reference/config/analysis/ */
export const istioCodes: readonly ForeignCode[] = [
  code('IST0001', 'internal error', 'no', 'never given'),
  code('IST0002', 'deprecated field', 'construction', 'the target schemas have no deprecated field'),
  code(
    'IST0101',
    'reference to nothing',
    'partly',
    'names are resolved; whether the Services, Secrets and pods of a name are there, the cluster knows',
  ),
  code(
    'IST0102',
    'namespace without an injection label',
    'construction',
    'every namespace of the mesh has a label for or against it, and from nobody else',
  ),
  code(
    'IST0103',
    'pod without a sidecar',
    'no',
    'pods that ran before their namespace was labelled must be restarted',
  ),
  code(
    'IST0106',
    'invalid object',
    'construction',
    'specs have a schema, rules say the rest, and every manifest conforms to its target schema',
  ),
  code(
    'IST0107',
    'annotation at the wrong kind',
    'diagnostic',
    'meshc writes no Istio annotation, and refuses one for a gateway; those of pods are not seen',
  ),
  code('IST0108', 'unknown annotation', 'diagnostic', 'the same'),
  code(
    'IST0109',
    'two VirtualServices for a host of the mesh',
    'construction',
    'one is made for each host; a second one is refused',
  ),
  code(
    'IST0110',
    'two Sidecars for a pod',
    'diagnostic',
    'where one selector has all labels of the other; that different labels meet on a pod is not seen',
  ),
  code(
    'IST0111',
    'two Sidecars without a selector',
    'construction',
    'every Sidecar has one; a raw one without a selector is not looked at',
  ),
  code('IST0112', 'destination without a port', 'construction', 'every destination names its port'),
  code(
    'IST0116',
    'deployment behind services of different protocols',
    'diagnostic',
    'among the services of a spec; other Services of the pods are not seen',
  ),
  code(
    'IST0118',
    'port name without a protocol',
    'partly',
    'a spec says the protocol; the name of the port in the Service is the team’s',
  ),
  code('IST0123', 'two injection labels', 'diagnostic', 'one is written, and no other can be said'),
  code('IST0125', 'invalid annotation', 'diagnostic', 'see IST0107'),
  code('IST0126', 'unknown registry of a network', 'language', 'there is one network'),
  code(
    'IST0127',
    'policy without pods',
    'partly',
    'whether the pods of a service are there, the cluster knows',
  ),
  code(
    'IST0128',
    'TLS without verification, destination',
    'diagnostic',
    'TLS to the outside names the system’s certificates and the host; a raw object that names none is a warning',
  ),
  code(
    'IST0129',
    'TLS without verification, port',
    'diagnostic',
    'meshc never sets TLS for one port; a raw object that does without a CA is a warning',
  ),
  code('IST0130', 'unreachable rule', 'diagnostic', 'routes are compared before they are written'),
  code(
    'IST0131',
    'ineffective match',
    'diagnostic',
    'the same; where the analyzer takes for covered what is not, the match is written otherwise',
  ),
  code(
    'IST0132',
    'host that its gateway does not have',
    'diagnostic',
    'an exposure names a host of its gateway',
  ),
  code(
    'IST0133',
    'warning about an object',
    'construction',
    'no DENY policy, no empty selector, no old field is written; an EnvoyFilter is warned of',
  ),
  code('IST0134', 'TCP without addresses', 'diagnostic', ''),
  code('IST0135', 'deprecated annotation', 'diagnostic', 'see IST0107'),
  code('IST0136', 'alpha annotation', 'diagnostic', 'see IST0107; not among the default analyzers'),
  code(
    'IST0137',
    'one container port behind two ports',
    'diagnostic',
    'among the services of a spec; other Services of the pods are not seen',
  ),
  code(
    'IST0138',
    'one certificate at two gateways of a pod',
    'construction',
    'a gateway has pods of its own',
  ),
  code('IST0139', 'bad webhook', 'no', 'webhooks come with the Istio charts'),
  code(
    'IST0140',
    'gateway routes past the subsets',
    'construction',
    'a gateway repeats the routes of the service',
  ),
  code('IST0141', 'missing permissions', 'no', 'of `istioctl precheck`'),
  code('IST0142', 'old Kubernetes', 'no', 'of `istioctl precheck`'),
  code('IST0143', 'container on localhost', 'no', 'never given'),
  code('IST0144', 'pod with the user of the proxy', 'no', 'pods are the team’s'),
  code(
    'IST0145',
    'two gateways for a host and port',
    'construction',
    'a gateway has pods of its own, and a host once',
  ),
  code(
    'IST0146',
    'image `auto` without injection, warning',
    'construction',
    'gateways are installed by their chart, in a labelled namespace',
  ),
  code(
    'IST0147',
    'image `auto` without injection, error',
    'construction',
    'the same; none runs in the root namespace',
  ),
  code('IST0148', 'namespace injected by default', 'construction', 'the label is said'),
  code('IST0149', 'routing by a claim without RequestAuthentication', 'diagnostic', ''),
  code('IST0150', 'port name of an ExternalName Service', 'language', 'an external system is a ServiceEntry'),
  code('IST0151', 'EnvoyFilter: order without a priority', 'diagnostic', ''),
  code('IST0152', 'EnvoyFilter: REPLACE', 'diagnostic', ''),
  code('IST0153', 'EnvoyFilter: ADD', 'diagnostic', ''),
  code('IST0154', 'EnvoyFilter: REMOVE', 'diagnostic', ''),
  code('IST0155', 'EnvoyFilter: order, with a proxy version', 'diagnostic', ''),
  code('IST0156', 'Gateway API too old', 'no', 'of `istioctl precheck`'),
  code('IST0157', 'access log without a provider', 'construction', 'the provider is named and defined'),
  code('IST0158', 'sidecar of another version', 'no', 'pods that run must be restarted'),
  code(
    'IST0159',
    'two Telemetries for a pod',
    'partly',
    'meshc writes none with a selector; two raw ones are not compared',
  ),
  code(
    'IST0160',
    'two Telemetries without a selector',
    'diagnostic',
    'one is written, in the root namespace; two raw ones elsewhere are not compared',
  ),
  code(
    'IST0161',
    'bad certificate of a gateway',
    'no',
    'secrets are not seen; cert-manager keeps those with an `issuer`',
  ),
  code('IST0162', 'gateway port without a Service port', 'construction', 'both are written from one list'),
  code('IST0163', 'URL of an external control plane', 'language', 'the control plane is in the cluster'),
  code('IST0164', 'address of an external control plane', 'language', 'the same'),
  code('IST0165', 'reference to a generated gateway', 'language', 'gateways are those of the spec'),
  code(
    'IST0166',
    'selector on a Gateway API gateway',
    'language',
    'the Gateway API is not used; raw policies are not looked at',
  ),
  code(
    'IST0167',
    'Sidecar in an ambient namespace',
    'language',
    'there is no ambient mode, and its label is refused',
  ),
  code('IST0168', 'unknown compatibility version', 'no', 'of upgrade checks'),
  code('IST0169', 'incompatible update', 'no', 'of upgrade checks'),
  code('IST0170', 'Service that differs between clusters', 'no', 'a spec describes one cluster'),
  code('IST0171', 'negative condition', 'no', 'the status of an object, in the cluster'),
  code('IST0172', 'Gateway API too old, in future', 'no', 'of `istioctl precheck`'),
  code(
    'IST0173',
    'subset without pods',
    'partly',
    'labels that contradict each other are refused; whether pods with the others are there, the cluster knows',
  ),
  code(
    'IST0174',
    'DestinationRule for an unknown host',
    'partly',
    'every host is one of the spec; whether its Service is there, the cluster knows',
  ),
  code(
    'IST0175',
    'key fetching not restricted',
    'construction',
    'istiod is installed with the setting where a service reads tokens',
  ),
  code('IST0176', 'Gateway API definitions too old', 'language', 'the Gateway API is not used'),
  code('IST0177', 'two protocols for an external host', 'diagnostic', ''),
]

/** The 72 checks of Kiali. See https://kiali.io/docs/features/validations/ */
export const kialiCodes: readonly ForeignCode[] = [
  code(
    'KIA0002',
    'two objects without a selector',
    'construction',
    'one PeerAuthentication a namespace, one Telemetry; raw ones beside them are refused',
  ),
  code('KIA0003', 'two objects for a workload', 'diagnostic', 'see IST0110'),
  code('KIA0004', 'selector without workloads', 'partly', 'see IST0127'),
  code('KIA0005', 'visible in an unknown namespace', 'construction', 'namespaces are those of the mesh'),
  code('KIA0101', 'policy for an unknown namespace', 'diagnostic', ''),
  code('KIA0102', 'not a method', 'language', 'methods are a list of words'),
  code(
    'KIA0104',
    'policy for an unknown host',
    'construction',
    'the policy of a gateway names the hosts of its Gateway',
  ),
  code(
    'KIA0105',
    'field needs mTLS',
    'partly',
    'where mTLS is off; in a permissive mesh Kiali reports it, and plain text is denied',
  ),
  code(
    'KIA0106',
    'unknown service account',
    'partly',
    'callers are those of the spec; whether their accounts are there, the cluster knows',
  ),
  code('KIA0107', 'account in another cluster', 'no', 'a spec describes one cluster'),
  code(
    'KIA0108',
    'unknown trust domain',
    'partly',
    'identities begin with that of the mesh; an `external-caller` is taken as it is',
  ),
  ...ambient('KIA0109', 'KIA0110'),
  code(
    'KIA0201',
    'two DestinationRules for a host',
    'construction',
    'one is made for each host; a second one is refused',
  ),
  code('KIA0202', 'unknown host', 'partly', 'see IST0174'),
  code('KIA0203', 'labels of a subset that no pod has', 'partly', 'see IST0173'),
  code(
    'KIA0204',
    'mTLS of a DestinationRule elsewhere',
    'construction',
    'mTLS is left to Istio, which knows who has a sidecar',
  ),
  code('KIA0205', 'DestinationRule with mTLS, mesh without', 'construction', 'the same'),
  code('KIA0206', 'DestinationRule with mTLS, namespace without', 'construction', 'the same'),
  code('KIA0207', 'DestinationRule without TLS, namespace strict', 'construction', 'the same'),
  code('KIA0208', 'DestinationRule without TLS, mesh strict', 'construction', 'the same'),
  code('KIA0209', 'subset without labels', 'construction', 'a version has a label'),
  ...ambient('KIA0210', 'KIA0211', 'KIA0212'),
  code(
    'KIA0301',
    'two gateways for a host and port',
    'partly',
    'a host is said once at a gateway; two gateways may have it, on pods of their own',
  ),
  code(
    'KIA0302',
    'gateway without a workload',
    'construction',
    'the chart that is installed with it has these labels',
  ),
  code('KIA0401', 'mesh mTLS without a DestinationRule', 'construction', 'automatic mTLS is on'),
  code('KIA0501', 'namespace mTLS without a DestinationRule', 'construction', 'the same'),
  code(
    'KIA0505',
    'namespace without mTLS, without a DestinationRule',
    'language',
    'a namespace is strict or permissive',
  ),
  code(
    'KIA0506',
    'mesh without mTLS, without a DestinationRule',
    'language',
    'a mesh is strict or permissive',
  ),
  code('KIA0601', 'port name without a protocol', 'partly', 'see IST0118'),
  code('KIA0602', 'application protocol of a port', 'no', 'Services are the team’s'),
  code('KIA0701', 'port that the deployment does not have', 'no', 'Deployments are the team’s'),
  code(
    'KIA1004',
    'Sidecar with an unknown host',
    'construction',
    'its hosts are those of the spec, istiod and the collector',
  ),
  code('KIA1006', 'global Sidecar with a selector', 'diagnostic', ''),
  code('KIA1007', 'ambiguous egress of a Sidecar', 'construction', 'egress is said for the mesh'),
  code('KIA1101', 'route to an unknown host', 'partly', 'see IST0174'),
  code('KIA1102', 'unknown gateway', 'diagnostic', ''),
  code('KIA1104', 'weight of a single route', 'construction', 'a single share has no weight'),
  code('KIA1105', 'subset twice in a route', 'language', '`traffic` is a map from versions'),
  code(
    'KIA1106',
    'two VirtualServices for a host',
    'construction',
    'one is made for the mesh and one for each gateway that has the host',
  ),
  code('KIA1107', 'unknown subset', 'diagnostic', ''),
  code('KIA1108', 'gateway without its namespace', 'construction', 'gateways are named with it'),
  ...ambient(
    'KIA1109',
    'KIA1110',
    'KIA1111',
    'KIA1112',
    'KIA1113',
    'KIA1114',
    'KIA1115',
    'KIA1116',
    'KIA1117',
  ),
  code('KIA1211', 'external host and port twice', 'diagnostic', ''),
  code('KIA1212', 'two protocols for an external host', 'diagnostic', ''),
  code(
    'KIA1301',
    'workload without a policy',
    'construction',
    'what nobody declares is denied, by a policy of the root namespace',
  ),
  ...['KIA1311', 'KIA1312', 'KIA1313', 'KIA1314', 'KIA1315', 'KIA1316', 'KIA1317'].map(name =>
    code(
      name,
      'labels of sidecars, ambient mode and waypoints',
      'partly',
      'those of namespaces are refused; pods are the team’s',
    ),
  ),
  ...['KIA1401', 'KIA1402', 'KIA1501', 'KIA1502', 'KIA1503', 'KIA1504', 'KIA1601'].map(name =>
    code(name, 'Gateway API', 'language', 'the Gateway API is not used'),
  ),
  ...['KIA1701', 'KIA1702'].map(name =>
    code(name, 'WorkloadGroup', 'no', 'none is written; raw ones are not looked at'),
  ),
]

function ambient(...codes: readonly string[]): readonly ForeignCode[] {
  return codes.map(name => code(name, 'ambient mode', 'language', 'there is no ambient mode'))
}

function code(code: string, finds: string, ruledOut: RuledOut, note: string): ForeignCode {
  return { code, finds, ruledOut, note }
}
