/** A code of another checker, and its possible findings in the output of meshc. */
export interface ForeignCode {
  /** `IST0101` of istioctl analyze 1.31, `KIA0101` of Kiali 2.30. */
  readonly code: string
  /** The finding in a few words. */
  readonly finds: string
  readonly ruledOut: RuledOut
  /** How it is ruled out, or the reason why it is not. */
  readonly note: string
}

/**
 * How a finding is ruled out: by a diagnostic of meshc (the diagnostics name the codes that they cover), by the language, which
 * cannot express its cause, or by the construction of manifests; partly, if one of its causes is known only in the cluster; or not
 * at all.
 */
type RuledOut = 'diagnostic' | 'language' | 'construction' | 'partly' | 'no'

/** The 68 messages of istioctl analyze. See https://istio.io/latest/docs/reference/config/analysis/ */
export const istioCodes: readonly ForeignCode[] = [
  makeForeignCode('IST0001', 'internal error', 'no', 'never given'),
  makeForeignCode(
    'IST0002',
    'deprecated field',
    'construction',
    'the target schemas have no deprecated field',
  ),
  makeForeignCode(
    'IST0101',
    'reference to nothing',
    'partly',
    'names are resolved; whether the Services, Secrets and pods of a name are there, the cluster knows',
  ),
  makeForeignCode(
    'IST0102',
    'namespace without an injection label',
    'construction',
    'meshc sets the label of every namespace of the mesh, for or against injection',
  ),
  makeForeignCode(
    'IST0103',
    'pod without a sidecar',
    'no',
    'pods that ran before their namespace was labelled must be restarted',
  ),
  makeForeignCode(
    'IST0106',
    'invalid object',
    'construction',
    'specs have a schema, rules say the rest, and every manifest conforms to its target schema',
  ),
  makeForeignCode(
    'IST0107',
    'annotation at the wrong kind',
    'diagnostic',
    'meshc writes no Istio annotation, and refuses one for a gateway; those of pods are not seen',
  ),
  makeForeignCode('IST0108', 'unknown annotation', 'diagnostic', 'the same'),
  makeForeignCode(
    'IST0109',
    'two VirtualServices for a host of the mesh',
    'construction',
    'one is made for each host; a second one is refused',
  ),
  makeForeignCode(
    'IST0110',
    'two Sidecars for a pod',
    'diagnostic',
    'where one selector has all labels of the other; that different labels meet on a pod is not seen',
  ),
  makeForeignCode(
    'IST0111',
    'two Sidecars without a selector',
    'construction',
    'every Sidecar has one; a raw one without a selector is not looked at',
  ),
  makeForeignCode(
    'IST0112',
    'destination without a port',
    'construction',
    'every destination names its port',
  ),
  makeForeignCode(
    'IST0116',
    'deployment behind services of different protocols',
    'diagnostic',
    'among the services of a spec; other Services of the pods are not seen',
  ),
  makeForeignCode(
    'IST0118',
    'port name without a protocol',
    'partly',
    'a spec says the protocol; the name of the port in the Service is the team’s',
  ),
  makeForeignCode(
    'IST0123',
    'two injection labels',
    'diagnostic',
    'one is written, and no other can be said',
  ),
  makeForeignCode('IST0125', 'invalid annotation', 'diagnostic', 'see IST0107'),
  makeForeignCode('IST0126', 'unknown registry of a network', 'language', 'there is one network'),
  makeForeignCode(
    'IST0127',
    'policy without pods',
    'partly',
    'whether the pods of a service are there, the cluster knows',
  ),
  makeForeignCode(
    'IST0128',
    'TLS without verification, destination',
    'diagnostic',
    'TLS to the outside names the system’s certificates and the host; a raw object that names none is a warning',
  ),
  makeForeignCode(
    'IST0129',
    'TLS without verification, port',
    'diagnostic',
    'meshc never sets TLS for one port; a raw object that does without a CA is a warning',
  ),
  makeForeignCode('IST0130', 'unreachable rule', 'diagnostic', 'routes are compared before they are written'),
  makeForeignCode(
    'IST0131',
    'ineffective match',
    'diagnostic',
    'the same; where the analyzer takes for covered what is not, the match is written otherwise',
  ),
  makeForeignCode(
    'IST0132',
    'host that its gateway does not have',
    'diagnostic',
    'an exposure names a host of its gateway',
  ),
  makeForeignCode(
    'IST0133',
    'warning about an object',
    'construction',
    'no DENY policy, no empty selector, no old field is written; an EnvoyFilter is warned of',
  ),
  makeForeignCode('IST0134', 'TCP without addresses', 'diagnostic', ''),
  makeForeignCode('IST0135', 'deprecated annotation', 'diagnostic', 'see IST0107'),
  makeForeignCode(
    'IST0136',
    'alpha annotation',
    'diagnostic',
    'see IST0107; not among the default analyzers',
  ),
  makeForeignCode(
    'IST0137',
    'one container port behind two ports',
    'diagnostic',
    'among the services of a spec; other Services of the pods are not seen',
  ),
  makeForeignCode(
    'IST0138',
    'one certificate at two gateways of a pod',
    'construction',
    'a gateway has pods of its own',
  ),
  makeForeignCode('IST0139', 'bad webhook', 'no', 'webhooks come with the Istio charts'),
  makeForeignCode(
    'IST0140',
    'gateway routes past the subsets',
    'construction',
    'a gateway repeats the routes of the service',
  ),
  makeForeignCode('IST0141', 'missing permissions', 'no', 'of `istioctl precheck`'),
  makeForeignCode('IST0142', 'old Kubernetes', 'no', 'of `istioctl precheck`'),
  makeForeignCode('IST0143', 'container on localhost', 'no', 'never given'),
  makeForeignCode('IST0144', 'pod with the user of the proxy', 'no', 'pods are the team’s'),
  makeForeignCode(
    'IST0145',
    'two gateways for a host and port',
    'construction',
    'a gateway has pods of its own, and a host once',
  ),
  makeForeignCode(
    'IST0146',
    'image `auto` without injection, warning',
    'construction',
    'gateways are installed by their chart, in a labelled namespace',
  ),
  makeForeignCode(
    'IST0147',
    'image `auto` without injection, error',
    'construction',
    'the same; none runs in the root namespace',
  ),
  makeForeignCode('IST0148', 'namespace injected by default', 'construction', 'meshc writes the label'),
  makeForeignCode('IST0149', 'routing by a claim without RequestAuthentication', 'diagnostic', ''),
  makeForeignCode(
    'IST0150',
    'port name of an ExternalName Service',
    'language',
    'an external system is a ServiceEntry',
  ),
  makeForeignCode('IST0151', 'EnvoyFilter: order without a priority', 'diagnostic', ''),
  makeForeignCode('IST0152', 'EnvoyFilter: REPLACE', 'diagnostic', ''),
  makeForeignCode('IST0153', 'EnvoyFilter: ADD', 'diagnostic', ''),
  makeForeignCode('IST0154', 'EnvoyFilter: REMOVE', 'diagnostic', ''),
  makeForeignCode('IST0155', 'EnvoyFilter: order, with a proxy version', 'diagnostic', ''),
  makeForeignCode('IST0156', 'Gateway API too old', 'no', 'of `istioctl precheck`'),
  makeForeignCode(
    'IST0157',
    'access log without a provider',
    'construction',
    'the provider is named and defined',
  ),
  makeForeignCode('IST0158', 'sidecar of another version', 'no', 'pods that run must be restarted'),
  makeForeignCode(
    'IST0159',
    'two Telemetries for a pod',
    'partly',
    'meshc writes none with a selector; two raw ones are not compared',
  ),
  makeForeignCode(
    'IST0160',
    'two Telemetries without a selector',
    'diagnostic',
    'one is written, in the root namespace; two raw ones elsewhere are not compared',
  ),
  makeForeignCode(
    'IST0161',
    'bad certificate of a gateway',
    'no',
    'secrets are not seen; cert-manager keeps those with an `issuer`',
  ),
  makeForeignCode(
    'IST0162',
    'gateway port without a Service port',
    'construction',
    'both are written from one list',
  ),
  makeForeignCode(
    'IST0163',
    'URL of an external control plane',
    'language',
    'the control plane is in the cluster',
  ),
  makeForeignCode('IST0164', 'address of an external control plane', 'language', 'the same'),
  makeForeignCode(
    'IST0165',
    'reference to a generated gateway',
    'language',
    'gateways are those of the spec',
  ),
  makeForeignCode(
    'IST0166',
    'selector on a Gateway API gateway',
    'language',
    'the Gateway API is not used; raw policies are not looked at',
  ),
  makeForeignCode(
    'IST0167',
    'Sidecar in an ambient namespace',
    'language',
    'there is no ambient mode, and its label is refused',
  ),
  makeForeignCode('IST0168', 'unknown compatibility version', 'no', 'of upgrade checks'),
  makeForeignCode('IST0169', 'incompatible update', 'no', 'of upgrade checks'),
  makeForeignCode('IST0170', 'Service that differs between clusters', 'no', 'a spec describes one cluster'),
  makeForeignCode('IST0171', 'negative condition', 'no', 'the status of an object, in the cluster'),
  makeForeignCode('IST0172', 'Gateway API too old, in future', 'no', 'of `istioctl precheck`'),
  makeForeignCode(
    'IST0173',
    'subset without pods',
    'partly',
    'labels that contradict each other are refused; whether pods with the others are there, the cluster knows',
  ),
  makeForeignCode(
    'IST0174',
    'DestinationRule for an unknown host',
    'partly',
    'every host is one of the spec; whether its Service is there, the cluster knows',
  ),
  makeForeignCode(
    'IST0175',
    'key fetching not restricted',
    'construction',
    'istiod is installed with the setting where a service reads tokens',
  ),
  makeForeignCode('IST0176', 'Gateway API definitions too old', 'language', 'the Gateway API is not used'),
  makeForeignCode('IST0177', 'two protocols for an external host', 'diagnostic', ''),
]

/** The 72 checks of Kiali. See https://kiali.io/docs/features/validations/ */
export const kialiCodes: readonly ForeignCode[] = [
  makeForeignCode(
    'KIA0002',
    'two objects without a selector',
    'construction',
    'one PeerAuthentication a namespace, one Telemetry; raw ones beside them are refused',
  ),
  makeForeignCode('KIA0003', 'two objects for a workload', 'diagnostic', 'see IST0110'),
  makeForeignCode('KIA0004', 'selector without workloads', 'partly', 'see IST0127'),
  makeForeignCode(
    'KIA0005',
    'visible in an unknown namespace',
    'construction',
    'namespaces are those of the mesh',
  ),
  makeForeignCode('KIA0101', 'policy for an unknown namespace', 'diagnostic', ''),
  makeForeignCode('KIA0102', 'not a method', 'language', 'methods are a list of words'),
  makeForeignCode(
    'KIA0104',
    'policy for an unknown host',
    'construction',
    'the policy of a gateway names the hosts of its Gateway',
  ),
  makeForeignCode(
    'KIA0105',
    'field needs mTLS',
    'partly',
    'where mTLS is off; in a permissive mesh Kiali reports it, and plain text is denied',
  ),
  makeForeignCode(
    'KIA0106',
    'unknown service account',
    'partly',
    'callers are those of the spec; whether their accounts are there, the cluster knows',
  ),
  makeForeignCode('KIA0107', 'account in another cluster', 'no', 'a spec describes one cluster'),
  makeForeignCode(
    'KIA0108',
    'unknown trust domain',
    'partly',
    'identities begin with that of the mesh; an `external-caller` is taken as it is',
  ),
  ...ambient('KIA0109', 'KIA0110'),
  makeForeignCode(
    'KIA0201',
    'two DestinationRules for a host',
    'construction',
    'one is made for each host; a second one is refused',
  ),
  makeForeignCode('KIA0202', 'unknown host', 'partly', 'see IST0174'),
  makeForeignCode('KIA0203', 'labels of a subset that no pod has', 'partly', 'see IST0173'),
  makeForeignCode(
    'KIA0204',
    'mTLS of a DestinationRule elsewhere',
    'construction',
    'mTLS is left to Istio, which knows who has a sidecar',
  ),
  makeForeignCode('KIA0205', 'DestinationRule with mTLS, mesh without', 'construction', 'the same'),
  makeForeignCode('KIA0206', 'DestinationRule with mTLS, namespace without', 'construction', 'the same'),
  makeForeignCode('KIA0207', 'DestinationRule without TLS, namespace strict', 'construction', 'the same'),
  makeForeignCode('KIA0208', 'DestinationRule without TLS, mesh strict', 'construction', 'the same'),
  makeForeignCode('KIA0209', 'subset without labels', 'construction', 'a version has a label'),
  ...ambient('KIA0210', 'KIA0211', 'KIA0212'),
  makeForeignCode(
    'KIA0301',
    'two gateways for a host and port',
    'partly',
    'a gateway lists a host once; two gateways on different pods may have the same host',
  ),
  makeForeignCode(
    'KIA0302',
    'gateway without a workload',
    'construction',
    'the chart that is installed with it has these labels',
  ),
  makeForeignCode('KIA0401', 'mesh mTLS without a DestinationRule', 'construction', 'automatic mTLS is on'),
  makeForeignCode('KIA0501', 'namespace mTLS without a DestinationRule', 'construction', 'the same'),
  makeForeignCode(
    'KIA0505',
    'namespace without mTLS, without a DestinationRule',
    'language',
    'a namespace is strict or permissive',
  ),
  makeForeignCode(
    'KIA0506',
    'mesh without mTLS, without a DestinationRule',
    'language',
    'a mesh is strict or permissive',
  ),
  makeForeignCode('KIA0601', 'port name without a protocol', 'partly', 'see IST0118'),
  makeForeignCode('KIA0602', 'application protocol of a port', 'no', 'Services are the team’s'),
  makeForeignCode('KIA0701', 'port that the deployment does not have', 'no', 'Deployments are the team’s'),
  makeForeignCode(
    'KIA1004',
    'Sidecar with an unknown host',
    'construction',
    'its hosts are those of the spec, istiod and the collector',
  ),
  makeForeignCode('KIA1006', 'global Sidecar with a selector', 'diagnostic', ''),
  makeForeignCode(
    'KIA1007',
    'ambiguous egress of a Sidecar',
    'construction',
    'the spec sets egress for the mesh',
  ),
  makeForeignCode('KIA1101', 'route to an unknown host', 'partly', 'see IST0174'),
  makeForeignCode('KIA1102', 'unknown gateway', 'diagnostic', ''),
  makeForeignCode('KIA1104', 'weight of a single route', 'construction', 'a single share has no weight'),
  makeForeignCode('KIA1105', 'subset twice in a route', 'language', '`traffic` is a map from versions'),
  makeForeignCode(
    'KIA1106',
    'two VirtualServices for a host',
    'construction',
    'one is made for the mesh and one for each gateway that has the host',
  ),
  makeForeignCode('KIA1107', 'unknown subset', 'diagnostic', ''),
  makeForeignCode('KIA1108', 'gateway without its namespace', 'construction', 'gateways are named with it'),
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
  makeForeignCode('KIA1211', 'external host and port twice', 'diagnostic', ''),
  makeForeignCode('KIA1212', 'two protocols for an external host', 'diagnostic', ''),
  makeForeignCode(
    'KIA1301',
    'workload without a policy',
    'construction',
    'a policy of the root namespace denies undeclared calls',
  ),
  ...['KIA1311', 'KIA1312', 'KIA1313', 'KIA1314', 'KIA1315', 'KIA1316', 'KIA1317'].map(name =>
    makeForeignCode(
      name,
      'labels of sidecars, ambient mode and waypoints',
      'partly',
      'those of namespaces are refused; pods are the team’s',
    ),
  ),
  ...['KIA1401', 'KIA1402', 'KIA1501', 'KIA1502', 'KIA1503', 'KIA1504', 'KIA1601'].map(name =>
    makeForeignCode(name, 'Gateway API', 'language', 'the Gateway API is not used'),
  ),
  ...['KIA1701', 'KIA1702'].map(name =>
    makeForeignCode(name, 'WorkloadGroup', 'no', 'none is written; raw ones are not looked at'),
  ),
]

function ambient(...codes: readonly string[]): readonly ForeignCode[] {
  return codes.map(name => makeForeignCode(name, 'ambient mode', 'language', 'there is no ambient mode'))
}

function makeForeignCode(code: string, finds: string, ruledOut: RuledOut, note: string): ForeignCode {
  return { code, finds, ruledOut, note }
}
