/** Makes a Deployment of the namespace `shop`, whose pods carry its name as the label `app`. */
export const makeShopDeployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app' }] } } },
})

/** Makes the same Deployment, whose pods have a sidecar, a service account of its name, and annotations. */
export const makeShopDeploymentInMesh = (name: string, annotations: object = {}) => ({
  ...makeShopDeployment(name),
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, 'sidecar.istio.io/inject': 'true' }, annotations },
      spec: { serviceAccountName: name, containers: [{ name: 'app' }] },
    },
  },
})
