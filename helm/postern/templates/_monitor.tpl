{{/* One endpoint of a ServiceMonitor or PodMonitor: their values. */}}
{{- define "postern.endpoint" -}}
- port: management
  path: /actuator/prometheus
  interval: {{ .interval | quote }}
  {{- with .scrapeTimeout }}
  scrapeTimeout: {{ . | quote }}
  {{- end }}
  {{- with .relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
