// Kubernetes objects that a cluster would hold beside the manifests of a mesh, and that Istio's analyzers
// need. Without them, an analyzer reports no fault, or reports objects that only the test lacks. Each
// function is pure and returns an object for which `check` has no finding.

/** A Kubernetes object, ready to be printed as YAML or JSON. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Labels
  }
  readonly [field: string]: unknown
}

type Labels = Readonly<Record<string, string>>

/** A namespace whose pods get sidecars, unless other labels are given. */
export function namespaceObject(namespace: {
  readonly name: string
  readonly labels?: Labels
}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    // Exactly one label controls injection: no label is IST0102, and two labels are IST0123.
    metadata: { name: namespace.name, labels: namespace.labels ?? { 'istio-injection': 'enabled' } },
  }
}

interface ServicePort {
  readonly name: string
  readonly number: number
  /** The port of the pods; the same number by default. */
  readonly targetPort?: number
  /**
   * The protocol as Istio names it, such as `http` or `grpc`; by default, the prefix of the name is the
   * protocol.
   */
  readonly appProtocol?: string
}

interface Service {
  readonly name: string
  readonly namespace: string
  /** The labels of the pods behind it. */
  readonly selector: Labels
  readonly ports: readonly ServicePort[]
}

export function serviceObject(service: Service): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service.name, namespace: service.namespace },
    spec: serviceSpec(service),
  }
}

/**
 * Makes the service of a gateway. It must have every port of the Gateway's servers; else the finding is
 * IST0162.
 */
export function gatewayServiceObject(service: Service): KubernetesObject {
  return { ...serviceObject(service), spec: { type: 'LoadBalancer', ...serviceSpec(service) } }
}

interface Workload {
  readonly name: string
  readonly namespace: string
  readonly labels: Labels
  /** The annotations of the pods of a Deployment. */
  readonly annotations?: Labels
  /** The service account; by default, `default` of the namespace. */
  readonly serviceAccount?: string
  /** The ports that the application listens on. */
  readonly ports: readonly number[]
}

/**
 * Makes a running pod of a workload, with its sidecar. Analyzers compare most selectors with pods, not
 * Deployments.
 */
export function podObject(workload: Workload): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: workload.name, namespace: workload.namespace, labels: workload.labels },
    // A pod in an injected namespace without the sidecar is IST0103.
    spec: podSpec(workload, [
      { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4', ports: [{ containerPort: 15090 }] },
    ]),
    status: { phase: 'Running' },
  }
}

/** Makes the pod of a gateway: the proxy is its only container. */
export function gatewayPodObject(workload: Workload): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: workload.name, namespace: workload.namespace, labels: workload.labels },
    spec: {
      ...serviceAccount(workload),
      containers: [
        { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.4', ports: containerPorts(workload) },
      ],
    },
    status: { phase: 'Running' },
  }
}

/** Makes the Deployment as its author writes it: injection adds the sidecar to its pods later. */
export function deploymentObject(workload: Workload): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: workload.name, namespace: workload.namespace, labels: workload.labels },
    spec: {
      selector: { matchLabels: workload.labels },
      template: {
        metadata: {
          labels: workload.labels,
          ...(workload.annotations && { annotations: workload.annotations }),
        },
        spec: podSpec(workload, []),
      },
    },
  }
}

/** Makes the Secret that a Gateway's `credentialName` names, in the namespace of the gateway's pods. */
export function tlsSecretObject(secret: {
  readonly name: string
  readonly namespace: string
  /**
   * The certificate as PEM. IST0161 requires a well-formed certificate that has not expired: see
   * `oracle().certificate()`.
   */
  readonly certificate: string
  readonly privateKey: string
}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret.name, namespace: secret.namespace },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(secret.certificate), 'tls.key': base64(secret.privateKey) },
  }
}

function serviceSpec({ selector, ports }: Service): object {
  return { selector, ports: ports.map(servicePort) }
}

function servicePort({ name, number, targetPort, appProtocol }: ServicePort): object {
  return {
    name,
    port: number,
    targetPort: targetPort ?? number,
    // The API server would set it, but the analyzers that read files do not.
    protocol: 'TCP',
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }
}

function podSpec(workload: Workload, sidecars: readonly object[]): object {
  return {
    ...serviceAccount(workload),
    containers: [
      { name: 'app', image: 'docker.io/example/app:1.0.0', ports: containerPorts(workload) },
      ...sidecars,
    ],
  }
}

function serviceAccount(workload: Workload): object {
  return workload.serviceAccount === undefined ? {} : { serviceAccountName: workload.serviceAccount }
}

function containerPorts(workload: Workload): readonly object[] {
  return workload.ports.map(containerPort => ({ containerPort }))
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
