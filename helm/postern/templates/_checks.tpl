{{/* Refuses values that would make a gate that does not work, or loses data. */}}
{{- define "postern.check" -}}
{{- $redis := .Values.redis -}}
{{- $forms := list -}}
{{- if $redis.url -}}{{- $forms = append $forms "redis.url" -}}{{- end -}}
{{- if $redis.sentinel.nodes -}}{{- $forms = append $forms "redis.sentinel.nodes" -}}{{- end -}}
{{- if $redis.cluster.nodes -}}{{- $forms = append $forms "redis.cluster.nodes" -}}{{- end -}}
{{- if $redis.embedded -}}{{- $forms = append $forms "redis.embedded" -}}{{- end -}}
{{- if not $forms -}}
{{- fail "All gates need one Redis: set redis.url, redis.sentinel.nodes or redis.cluster.nodes. For a trial with a single gate, set redis.embedded=true and replicaCount=1." -}}
{{- end -}}
{{- if gt (len $forms) 1 -}}
{{- fail (printf "There can be only one Redis: set only one of %s." (join " and " $forms)) -}}
{{- end -}}
{{- if $redis.embedded -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "The embedded Redis is for a single gate: autoscaling.enabled must be false. To run several gates, set redis.url." -}}
{{- end -}}
{{- if gt (int .Values.replicaCount) 1 -}}
{{- fail "The embedded Redis is for a single gate, because each gate would have data of its own: set replicaCount=1. To run several gates, set redis.url." -}}
{{- end -}}
{{- if or $redis.username $redis.password $redis.existingSecret $redis.tls.enabled -}}
{{- fail "The embedded Redis takes neither redis.username, redis.password, redis.existingSecret nor redis.tls." -}}
{{- end -}}
{{- else if $redis.persistence.enabled -}}
{{- fail "redis.persistence is for the embedded Redis: set redis.embedded=true, or persistence.enabled=false." -}}
{{- end -}}
{{- if and $redis.sentinel.nodes (not $redis.sentinel.master) -}}
{{- fail "The name of the primary is missing: set redis.sentinel.master." -}}
{{- end -}}
{{- if and $redis.password $redis.existingSecret -}}
{{- fail "Set only one of redis.password and redis.existingSecret." -}}
{{- end -}}
{{- if and $redis.sentinel.existingSecretKey (not $redis.existingSecret) -}}
{{- fail "redis.sentinel.existingSecretKey is a key of redis.existingSecret, which is not set." -}}
{{- end -}}
{{- if and $redis.sentinel.existingSecretKey $redis.sentinel.password -}}
{{- fail "Set only one of redis.sentinel.password and redis.sentinel.existingSecretKey." -}}
{{- end -}}
{{- if and $redis.tls.clientCertificate (not $redis.tls.existingSecret) -}}
{{- fail "The client certificate for Redis is missing: set redis.tls.existingSecret." -}}
{{- end -}}

{{- $keys := .Values.secretKeys -}}
{{- if and $keys.value $keys.existingSecret -}}
{{- fail "Set only one of secretKeys.value and secretKeys.existingSecret." -}}
{{- end -}}
{{- if not (or $keys.value $keys.existingSecret $redis.embedded) -}}
{{- fail "The secret keys are missing: set secretKeys.existingSecret to a Secret with the file secret-keys.json. All gates on one Redis need the same file: if a gate already uses this Redis, take its file. Otherwise make one as docs/how-to/kubernetes.md shows. Then: kubectl create secret generic postern-secrets --from-file=secret-keys.json" -}}
{{- end -}}
{{- if $keys.value -}}
{{- $file := fromJson $keys.value -}}
{{- if or (hasKey $file "Error") (not (hasKey $file "pepper")) (not (hasKey $file "sealing")) -}}
{{- fail "secretKeys.value is not the content of a secret keys file. It is best given with --set-file secretKeys.value=secret-keys.json" -}}
{{- end -}}
{{- end -}}
{{- $token := .Values.operatorToken -}}
{{- if and $token.value $token.existingSecret -}}
{{- fail "Set only one of operatorToken.value and operatorToken.existingSecret." -}}
{{- end -}}
{{- if not (or $token.value $token.existingSecret) -}}
{{- fail "The operator token is missing: set operatorToken.existingSecret to a Secret that has it. To make one: kubectl create secret generic postern-secrets --from-literal=operator-token=$(openssl rand -hex 32). For a trial, set operatorToken.value." -}}
{{- end -}}

{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is larger than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (not .Values.autoscaling.targetCPUUtilizationPercentage) (not .Values.autoscaling.metrics) -}}
{{- fail "Autoscaling needs a metric: set autoscaling.targetCPUUtilizationPercentage or autoscaling.metrics." -}}
{{- end -}}
{{- $budget := .Values.podDisruptionBudget -}}
{{- if and $budget.enabled (eq (eq (toString $budget.maxUnavailable) "") (eq (toString $budget.minAvailable) "")) -}}
{{- fail "Set one of podDisruptionBudget.maxUnavailable and podDisruptionBudget.minAvailable, and set the other to \"\"." -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled -}}
{{- fail "Set only one of serviceMonitor.enabled and podMonitor.enabled, or Prometheus would scrape each gate twice." -}}
{{- end -}}
{{- if and (or .Values.serviceMonitor.enabled .Values.podMonitor.enabled) .Values.networkPolicy.enabled (not .Values.networkPolicy.managementFrom) -}}
{{- fail "The network policy would keep Prometheus from the metrics: name its namespace in networkPolicy.managementFrom." -}}
{{- end -}}
{{- if and .Values.prometheusRule.enabled (not (contains "postern" (include "postern.name" .))) -}}
{{- fail "The alerts select jobs with postern in their name: let nameOverride contain it, or turn prometheusRule off." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "The Ingress needs a host: set ingress.hosts." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "The HTTPRoute needs a Gateway: set httpRoute.parentRefs." -}}
{{- end -}}
{{- $owned := dict
  "JAVA_TOOL_OPTIONS" "javaOptions"
  "SERVER_PORT" "service.port"
  "MANAGEMENT_SERVER_PORT" "management.port"
  "MANAGEMENT_SERVER_ADDRESS" "management.address"
  "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE" "drainSeconds"
  "POSTERN_DRAIN_PAUSE" "drainPauseSeconds"
  "POSTERN_DATADIR" "redis.persistence"
  "POSTERN_OPERATORTOKEN" "operatorToken"
  "POSTERN_SECRETKEYS_FILE" "secretKeys"
-}}
{{- range .Values.extraEnv -}}
{{- with get $owned .name -}}
{{- fail (printf "The chart sets this variable, so it cannot be in extraEnv: use the value %s." .) -}}
{{- end -}}
{{- if and (not $redis.embedded) (or (hasPrefix "SPRING_DATA_REDIS_" .name) (hasPrefix "SPRING_SSL_BUNDLE_PEM_REDIS_" .name) (eq "SPRING_CONFIG_ADDITIONALLOCATION" .name)) -}}
{{- fail (printf "The chart sets the variable %s, so it cannot be in extraEnv: use the values below redis, or secretConfig." .name) -}}
{{- end -}}
{{- if and $redis.embedded (hasPrefix "SPRING_DATA_REDIS_" .name) -}}
{{- fail (printf "The variable %s would switch the embedded Redis off: remove it, or redis.embedded." .name) -}}
{{- end -}}
{{- end -}}
{{- include "postern.checkSettings" . -}}
{{- if gt (len (include "postern.settings" .)) 1000000 -}}
{{- fail "The settings are too long: Kubernetes stores at most 1 MiB in a ConfigMap." -}}
{{- end -}}
{{- end }}
