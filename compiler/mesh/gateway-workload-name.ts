/**
 * The name of the Deployment and of the Service of a gateway whose pods have these labels, as Istio's charts give it: the label
 * `app` has it, and the label `istio` has it without `istio-` (`gateway.selectorLabels` of the chart `gateway`).
 */
export function nameGatewayWorkload({ app, istio, ...labels }: Readonly<Record<string, string>>): string {
  if (app !== undefined) return app
  if (istio !== undefined) return `istio-${istio}`
  return Object.values(labels)[0] ?? 'gateway'
}
