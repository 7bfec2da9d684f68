{{/* Shortens a name to 63 characters, and makes it a valid name of a Service. Names that differ stay different. */}}
{{- define "postern.short" -}}
{{- $name := regexReplaceAll "[^a-z0-9-]" (lower .) "-" -}}
{{- if regexMatch "^[0-9]" $name -}}
{{- $name = printf "postern-%s" $name -}}
{{- end -}}
{{- if gt (len $name) 63 -}}
{{- printf "%s-%s" (trunc 54 $name | trimAll "-") (sha256sum . | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{- define "postern.name" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end }}

{{/* The name of the release's objects, before it is shortened. */}}
{{- define "postern.longName" -}}
{{- $name := include "postern.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name -}}
{{- end -}}
{{- end }}

{{- define "postern.fullname" -}}
{{- include "postern.short" (include "postern.longName" .) -}}
{{- end }}

{{/* The name of a further object: (list $ "suffix"). */}}
{{- define "postern.nameOf" -}}
{{- include "postern.short" (printf "%s-%s" (include "postern.longName" (index . 0)) (index . 1)) -}}
{{- end }}

{{- define "postern.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "postern.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* Labels that never change: without the version of the chart. */}}
{{- define "postern.instanceLabels" -}}
app.kubernetes.io/name: {{ include "postern.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "postern.selectorLabels" -}}
{{ include "postern.instanceLabels" . }}
app.kubernetes.io/component: gate
{{- end }}

{{/* All labels of an object: (list $ "component" $more). Those of the chart win, because selectors depend on them. */}}
{{- define "postern.labels" -}}
{{- $root := index . 0 -}}
{{- $labels := mergeOverwrite (dict) $root.Values.commonLabels (index . 2) (include "postern.instanceLabels" $root | fromYaml) -}}
{{- $labels = mergeOverwrite $labels (dict
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/component" (index . 1)
  "app.kubernetes.io/version" ($root.Chart.AppVersion | replace "+" "_")
  "app.kubernetes.io/managed-by" $root.Release.Service
) -}}
{{- toYaml $labels -}}
{{- end }}

{{/* The reference of an image: (list $image "default tag"). */}}
{{- define "postern.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) -}}
{{- end -}}
{{- end }}
