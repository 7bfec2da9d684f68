{{/*
The paths of all settings in a map, without regard to how they are nested and written: collects into .out the values by
path, in the form in which Spring compares names. (dict "out" dict "prefix" "" "value" map)
*/}}
{{- define "postern.collect" -}}
{{- $out := .out -}}
{{- $prefix := .prefix -}}
{{- if and (kindIs "map" .value) .value -}}
{{- range $key, $value := .value -}}
{{- $path := $key | toString | lower | replace "-" "" | replace "_" "" -}}
{{- if $prefix -}}{{- $path = printf "%s.%s" $prefix $path -}}{{- end -}}
{{- include "postern.collect" (dict "out" $out "prefix" $path "value" $value) -}}
{{- end -}}
{{- else if and (kindIs "slice" .value) .value -}}
{{- range $index, $value := .value -}}
{{- include "postern.collect" (dict "out" $out "prefix" (printf "%s[%d]" $prefix $index) "value" $value) -}}
{{- end -}}
{{- else -}}
{{- $_ := set $out $prefix (.value | toString) -}}
{{- end -}}
{{- end }}

{{/* The gate's config/application.yml. The catalogue in files is used as a whole, or not at all. */}}
{{- define "postern.settings" -}}
{{- $settings := deepCopy (default dict .Values.config) -}}
{{- $paths := dict -}}
{{- include "postern.collect" (dict "out" $paths "prefix" "" "value" $settings) -}}
{{- include "postern.collect" (dict "out" $paths "prefix" "" "value" .Values.secretConfig) -}}
{{- $catalogue := false -}}
{{- range $path, $_ := $paths -}}
{{- if regexMatch "^postern\\.apis($|[.\\[])" $path -}}{{- $catalogue = true -}}{{- end -}}
{{- end -}}
{{- if not $catalogue -}}
{{- $default := .Files.Get "files/application.yml" | fromYaml -}}
{{- $postern := default dict (get $settings "postern") -}}
{{- $settings = set $settings "postern" (set $postern "apis" $default.postern.apis) -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end }}

{{/* Refuses settings in config that have values of their own, or are secrets. */}}
{{- define "postern.checkSettings" -}}
{{- $elsewhere := dict
  "server.port" "service.port"
  "management.server.port" "management.port"
  "management.server.address" "management.address"
  "postern.datadir" "redis.persistence"
  "postern.operatortoken" "operatorToken"
  "postern.secretkeys.file" "secretKeys"
  "postern.secretkeys.create" "secretKeys"
  "spring.lifecycle.timeoutpershutdownphase" "drainSeconds"
  "postern.drain.pause" "drainPauseSeconds"
  "spring.data.redis.url" "redis.url"
  "spring.data.redis.host" "redis.url"
  "spring.data.redis.port" "redis.url"
  "spring.data.redis.database" "redis.url"
  "spring.data.redis.username" "redis.username"
  "spring.data.redis.password" "redis.existingSecret"
  "spring.data.redis.ssl.enabled" "redis.tls.enabled"
  "spring.data.redis.ssl.bundle" "redis.tls.existingSecret"
-}}
{{- $public := dict -}}
{{- include "postern.collect" (dict "out" $public "prefix" "" "value" .Values.config) -}}
{{- $all := deepCopy $public -}}
{{- include "postern.collect" (dict "out" $all "prefix" "" "value" .Values.secretConfig) -}}
{{- $embedded := .Values.redis.embedded -}}
{{- range $path, $_ := $all -}}
{{- with get $elsewhere $path -}}
{{- fail (printf "The setting %s cannot be in config or secretConfig: use the value %s." $path .) -}}
{{- end -}}
{{- if regexMatch "^spring\\.data\\.redis\\.(sentinel|cluster\\.nodes)" $path -}}
{{- fail (printf "The setting %s cannot be in config or secretConfig: use redis.sentinel or redis.cluster." $path) -}}
{{- end -}}
{{- if and $embedded (hasPrefix "spring.data.redis" $path) -}}
{{- fail (printf "The setting %s would switch the embedded Redis off: remove it, or redis.embedded." $path) -}}
{{- end -}}
{{- end -}}
{{- range $path, $value := $public -}}
{{- $secret := regexMatch "(password|secret|privatekey|passphrase)$" $path -}}
{{- $secret = or $secret (contains "PRIVATE KEY-----" $value) (regexMatch "://[^/\\s@]*:[^/\\s@]+@" $value) -}}
{{- $reference := regexMatch "^(\\$\\{[^{}:]+\\}|(file|classpath):[^\\n]*|/[^\\n]*)?$" $value -}}
{{- if and $secret (not $reference) -}}
{{- fail (printf "The setting %s is a secret, and config is in a ConfigMap: move it to secretConfig, or write ${NAME} and set NAME with extraEnv." $path) -}}
{{- end -}}
{{- end -}}
{{- end }}
