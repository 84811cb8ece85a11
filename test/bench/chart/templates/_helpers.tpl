{{- define "bench.metadata" }}
metadata:
  name: {{ .service.name }}
  namespace: {{ .service.namespace }}
  labels:
    app.kubernetes.io/managed-by: meshc
    app.kubernetes.io/part-of: bench
  annotations:
    argocd.argoproj.io/sync-wave: {{ .wave | quote }}
{{- end }}
{{- define "bench.host" -}}
{{ .name }}.{{ .namespace }}.svc.cluster.local
{{- end }}
{{- define "bench.destination" }}
destination:
  host: {{ include "bench.host" .service }}
  {{- with .subset }}
  subset: {{ . }}
  {{- end }}
  port:
    number: {{ .service.port }}
{{- end }}
