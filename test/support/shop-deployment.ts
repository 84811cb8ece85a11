/** Makes a Deployment of the namespace `shop`, whose pods carry its name as the label `app`. */
export const makeShopDeployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app' }] } } },
})
