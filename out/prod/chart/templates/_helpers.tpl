{{- /* Built by meshc from spec/prod/mesh.yaml: change that, not this. */}}
{{/*
The timeout of the requests of a route, and of each of their tries, as Istio writes it: the nearest setting applies.
level is the place of the limit of a try: 0 for the route, 1 for its owner, 2 for the defaults, 3 for no place.
*/}}
{{- define "meshc.times" -}}
{{- $owner := index (index .values .section | default dict) .name | default dict }}
{{- $route := index ($owner.routes | default dict) .route | default dict }}
{{- $said := list $route.timeout $owner.timeout (.values.defaults | default dict).timeout }}
{{- $timeout := first (append (compact $said) "30s") }}
{{- $isEndless := eq $timeout "none" }}
{{- $times := dict }}
{{- $limit := 0 }}
{{- if not $isEndless }}
{{- $limit = include "meshc.milliseconds" $timeout | int64 }}
{{- $times = dict "timeout" (include "meshc.duration" $limit) }}
{{- end }}
{{- if .try }}
{{- $try := include "meshc.milliseconds" .try | int64 }}
{{- $total := mul $try .tries }}
{{- if compact (slice $said 0 .level) }}
{{- if not $isEndless }}
{{- $_ := set $times "perTryTimeout" (include "meshc.duration" (min $try $limit)) }}
{{- end }}
{{- else if and (not $isEndless) (lt .level 3) (gt $total $limit) }}
{{- $subject := ternary (printf "one try of %s takes" .try) (printf "%d tries of %s take" .tries .try) (eq .tries 1) }}
{{- include "meshc.fail" (list . (printf "%s %s, more than the timeout of %s" $subject (include "meshc.duration" $total) $timeout)) }}
{{- else }}
{{- $_ := set $times "perTryTimeout" (include "meshc.duration" $try) }}
{{- end }}
{{- end }}
{{- toJson $times }}
{{- end }}

{{/* The weights of a route by version, in percent, or in tenths or hundredths of them where a share has decimals. */}}
{{- define "meshc.shares" -}}
{{- $service := index (index .values .section | default dict) .name | default dict }}
{{- $route := index ($service.routes | default dict) .route | default dict }}
{{- if and $service.traffic $service.active }}
{{- include "meshc.fail" (list . "`active` gives everything to one version, `traffic` shares it: keep one") }}
{{- end }}
{{- $said := $route.traffic | default $service.traffic }}
{{- if and (not $said) $service.active }}
{{- $said = dict $service.active "100%" }}
{{- end }}
{{- if not $said }}
{{- include "meshc.fail" (list . "nothing says which version gets its requests: set `traffic`") }}
{{- end }}
{{- $shares := dict }}
{{- $sum := 0 }}
{{- range $version, $share := $said }}
{{- $part := round (mulf (trimSuffix "%" $share | float64) 100) 0 | int }}
{{- $_ := set $shares $version $part }}
{{- $sum = add $sum $part }}
{{- end }}
{{- if ne (int $sum) 10000 }}
{{- include "meshc.fail" (list . (printf "the weights add up to %v, not 100" (divf $sum 100))) }}
{{- end }}
{{- $unit := 100 }}
{{- range $shares }}
{{- if mod . 10 }}
{{- $unit = 1 }}
{{- else if mod . 100 }}
{{- $unit = min $unit 10 }}
{{- end }}
{{- end }}
{{- range $version, $part := $shares }}
{{- $_ := set $shares $version (div $part $unit) }}
{{- end }}
{{- toJson $shares }}
{{- end }}

{{/* The shares of a route that are copied to other versions, in percent by version. */}}
{{- define "meshc.mirror" -}}
{{- $service := index (index .values .section | default dict) .name | default dict }}
{{- $route := index ($service.routes | default dict) .route | default dict }}
{{- $copies := dict }}
{{- range $version, $share := ternary $route.mirror $service.mirror (hasKey $route "mirror") }}
{{- $_ := set $copies $version (trimSuffix "%" $share | float64) }}
{{- end }}
{{- toJson $copies }}
{{- end }}

{{/* The bounds of an autoscaler: if only one bound is set, it moves the default of the other. */}}
{{- define "meshc.replicas" -}}
{{- $said := (.said | default dict).replicas | default dict }}
{{- $min := $said.min | default (min .min ($said.max | default .min)) }}
{{- $max := $said.max | default (max .max ($said.min | default .max)) }}
{{- if gt (int $min) (int $max) }}
{{- fail (printf "%s has at least %d replicas and at most %d" .owner (int $min) (int $max)) }}
{{- end }}
{{- dict "min" (int $min) "max" (int $max) | toJson }}
{{- end }}

{{/* A duration in milliseconds. */}}
{{- define "meshc.milliseconds" -}}
{{- if hasSuffix "ms" . }}{{ trimSuffix "ms" . }}
{{- else if hasSuffix "s" . }}{{ mul 1000 (trimSuffix "s" . | int64) }}
{{- else if hasSuffix "m" . }}{{ mul 60000 (trimSuffix "m" . | int64) }}
{{- else }}{{ mul 3600000 (trimSuffix "h" . | int64) }}
{{- end }}
{{- end }}

{{/* Milliseconds as Istio writes a duration. */}}
{{- define "meshc.duration" -}}
{{- if mod . 1000 }}{{ . }}ms{{ else }}{{ div . 1000 }}s{{ end }}
{{- end }}

{{/* Stops with a message about a route, or the service or external system that it is of. */}}
{{- define "meshc.fail" -}}
{{- $names := first . }}
{{- $place := printf "%s.%s" $names.section $names.name }}
{{- if $names.route }}
{{- $place = printf "%s, route `%s`" $place $names.route }}
{{- end }}
{{- fail (printf "%s: %s" $place (last .)) }}
{{- end }}
