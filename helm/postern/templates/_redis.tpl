{{/* Environment variables that lead the gate to Redis. */}}
{{- define "postern.redisEnv" -}}
{{- $redis := .Values.redis -}}
{{- $tls := $redis.tls.enabled -}}
{{- with $redis.url -}}
{{- /* Spring takes no separate user and password beside a URL, so the URL is taken apart. The schema has checked it. */ -}}
{{- $tls = or $tls (hasPrefix "rediss://" .) -}}
{{- $address := regexReplaceAll "^rediss?://([^/]*).*$" . "${1}" -}}
{{- $database := regexReplaceAll "^rediss?://[^/]*/?" . "" -}}
- name: SPRING_DATA_REDIS_HOST
  value: {{ regexReplaceAll ":[0-9]+$" $address "" | trimPrefix "[" | trimSuffix "]" | quote }}
- name: SPRING_DATA_REDIS_PORT
  value: {{ regexFind ":[0-9]+$" $address | trimPrefix ":" | default "6379" | quote }}
- name: SPRING_DATA_REDIS_DATABASE
  value: {{ $database | default "0" | quote }}
{{- end }}
{{- with $redis.sentinel.nodes }}
- name: SPRING_DATA_REDIS_SENTINEL_MASTER
  value: {{ $redis.sentinel.master | quote }}
- name: SPRING_DATA_REDIS_SENTINEL_NODES
  value: {{ join "," . | quote }}
- name: SPRING_DATA_REDIS_DATABASE
  value: {{ $redis.database | int | quote }}
{{- with $redis.sentinel.username }}
- name: SPRING_DATA_REDIS_SENTINEL_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- if $redis.sentinel.password }}
- name: SPRING_DATA_REDIS_SENTINEL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "postern.fullname" $ | quote }}
      key: sentinel-password
{{- else if $redis.sentinel.existingSecretKey }}
- name: SPRING_DATA_REDIS_SENTINEL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $redis.existingSecret | quote }}
      key: {{ $redis.sentinel.existingSecretKey | quote }}
{{- end }}
{{- end }}
{{- with $redis.cluster.nodes }}
- name: SPRING_DATA_REDIS_CLUSTER_NODES
  value: {{ join "," . | quote }}
{{- end }}
{{- with $redis.username }}
- name: SPRING_DATA_REDIS_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- if $redis.password }}
- name: SPRING_DATA_REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "postern.fullname" . | quote }}
      key: redis-password
{{- else if and $redis.existingSecret $redis.existingSecretKey }}
- name: SPRING_DATA_REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $redis.existingSecret | quote }}
      key: {{ $redis.existingSecretKey | quote }}
{{- end }}
{{- if $redis.tls.existingSecret }}
- name: SPRING_DATA_REDIS_SSL_BUNDLE
  value: redis
- name: SPRING_SSL_BUNDLE_PEM_REDIS_TRUSTSTORE_CERTIFICATE
  value: file:/etc/postern/redis-tls/ca.crt
{{- if $redis.tls.clientCertificate }}
- name: SPRING_SSL_BUNDLE_PEM_REDIS_KEYSTORE_CERTIFICATE
  value: file:/etc/postern/redis-tls/tls.crt
- name: SPRING_SSL_BUNDLE_PEM_REDIS_KEYSTORE_PRIVATEKEY
  value: file:/etc/postern/redis-tls/tls.key
{{- end }}
{{- else if $tls }}
- name: SPRING_DATA_REDIS_SSL_ENABLED
  value: "true"
{{- end }}
{{- end }}
