/**
 * The name of the Deployment and of the Service of a gateway whose pods have these labels, by the rule of Istio's charts: it is the
 * label `app`, and the label `istio` is the name without `istio-` (`gateway.selectorLabels` of the chart `gateway`).
 */
export function nameGatewayWorkload({ app, istio, ...labels }: Readonly<Record<string, string>>): string {
  if (app !== undefined) return app
  if (istio !== undefined) return `istio-${istio}`
  return Object.values(labels)[0] ?? 'gateway'
}
