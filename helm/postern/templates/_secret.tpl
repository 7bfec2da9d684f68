{{/* What the chart's own Secret contains. */}}
{{- define "postern.secretData" -}}
{{- with .Values.operatorToken.value }}
operator-token: {{ . | b64enc | quote }}
{{- end }}
{{- with .Values.secretKeys.value }}
secret-keys.json: {{ . | b64enc | quote }}
{{- end }}
{{- with .Values.redis.password }}
redis-password: {{ . | b64enc | quote }}
{{- end }}
{{- with .Values.redis.sentinel.password }}
sentinel-password: {{ . | b64enc | quote }}
{{- end }}
{{- with .Values.secretConfig }}
application.yml: {{ toYaml . | b64enc | quote }}
{{- end }}
{{- end }}
