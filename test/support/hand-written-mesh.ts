/** The manifests of a mesh written by hand: a shop, and a batch job that calls it. Kubernetes accepts them. */

export const shop = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart-v1, namespace: shop }
spec:
  selector: { matchLabels: { app: cart, version: v1 } }
  template:
    metadata: { labels: { app: cart, version: v1 } }
    spec: { serviceAccountName: cart, containers: [{ name: app, image: app }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart-v2, namespace: shop }
spec:
  selector: { matchLabels: { app: cart, version: v2 } }
  template:
    metadata: { labels: { app: cart, version: v2 } }
    spec: { serviceAccountName: cart, containers: [{ name: app, image: app }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 3000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { serviceAccountName: web, containers: [{ name: app, image: app }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: cart, namespace: shop }
spec:
  host: cart
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 7, interval: 5s }
    connectionPool: { tcp: { tcpKeepalive: { time: 60s } } }
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
    - { name: v3, labels: { version: v3 } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - match: [{ headers: { x-canary: { exact: "on" } } }]
      route: [{ destination: { host: cart, subset: v2 } }]
    - route:
        - { destination: { host: cart, subset: v1 }, weight: 90 }
        - { destination: { host: cart, subset: v2 }, weight: 10 }
      timeout: 3s
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart-callers, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }]
      to: [{ operation: { methods: [GET, POST], paths: [/items/*] } }]
    - from: [{ source: { principals: [cluster.local/ns/legacy/sa/batch] } }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-traces, namespace: shop }
spec:
  action: DENY
  rules: [{ to: [{ operation: { methods: [TRACE] } }] }]
`

export const legacy = `apiVersion: v1
kind: Namespace
metadata: { name: legacy, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: batch, namespace: legacy }
spec:
  selector: { matchLabels: { app: batch } }
  template:
    metadata: { labels: { app: batch } }
    spec: { serviceAccountName: batch, containers: [{ name: app, image: app }] }
`
