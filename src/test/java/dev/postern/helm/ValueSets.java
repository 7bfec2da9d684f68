package dev.postern.helm;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Values as operators give them. Every secret in them contains {@link #SECRET}. The rules that all manifests keep are
 * checked with each of them.
 */
enum ValueSets {
    MINIMAL(redis("{url: 'redis://redis.internal:6379'}")),
    USER_AND_PASSWORD(redis("{url: 'redis://redis.internal', username: postern, existingSecret: redis-login}")),
    SECRETS_IN_VALUES("""
            redis: {url: 'redis://redis.internal:6379/2', password: "hush: it's a \\"password\\" \\n"}
            operatorToken: {value: hush-hush-hush-hush}
            secretKeys: {value: '{"pepper": "hush", "sealing": {}}'}
            """),
    SENTINEL(redis("""
            {sentinel: {master: postern, nodes: ['sentinel-1:26379', 'sentinel-2:26379', '[fd00::3]:26379']},
             username: postern, existingSecret: redis-login, database: 3}""")),
    SENTINEL_WITH_PASSWORDS(redis("""
            {sentinel: {master: postern, nodes: ['s:26379'], username: watcher, existingSecretKey: sentinel},
             existingSecret: redis-login}""")),
    SENTINEL_WITH_PASSWORDS_IN_VALUES(redis("""
            {sentinel: {master: postern, nodes: ['s:26379'], password: hush-sentinel}, password: hush-redis}""")),
    CLUSTER(redis(
            "{cluster: {nodes: ['node-1:6379', 'node-2:6379']}, username: postern, existingSecret: redis-login}")),
    TLS(redis("{url: 'rediss://redis.internal:6380'}")),
    TLS_WITH_AN_AUTHORITY(redis("{cluster: {nodes: ['n:6379']}, tls: {enabled: true, existingSecret: redis-ca}}")),
    TLS_WITH_A_CLIENT_CERTIFICATE(redis("""
            {url: 'rediss://r', tls: {enabled: true, existingSecret: redis-tls, clientCertificate: true}}""")),
    TRIAL("""
            redis: {embedded: true}
            replicaCount: 1
            operatorToken: {value: hush-hush-hush-hush}
            """),
    TRIAL_WITH_A_VOLUME("""
            redis: {embedded: true, persistence: {enabled: true, size: 2Gi, storageClass: fast}}
            replicaCount: 1
            operatorToken: {value: hush-hush-hush-hush}
            """),
    TRIAL_WITH_A_CLAIM("""
            redis: {embedded: true, persistence: {enabled: true, existingClaim: claim}}
            replicaCount: 1
            operatorToken: {existingSecret: gate-secrets}
            secretKeys: {existingSecret: gate-secrets}
            """),
    INGRESS("""
            ingress:
              enabled: true
              className: nginx
              annotations: {nginx.ingress.kubernetes.io/proxy-body-size: "0"}
              hosts:
                - host: gate.example.com
                  paths: [{path: /, pathType: Prefix}]
                - host: '*.devices.example.com'
                  paths: [{path: /devices, pathType: Prefix}, {path: /cmds, pathType: Exact}]
              tls: [{secretName: gate-tls, hosts: [gate.example.com]}]
            config: {postern: {forwarding: {trusted-proxies: 10.0.0.0/8}}}
            """),
    HTTP_ROUTE("""
            httpRoute:
              enabled: true
              parentRefs: [{name: gateway, sectionName: http, namespace: infra}]
              hostnames: [gate.example.com]
            """),
    HTTP_ROUTE_WITH_FILTERS("""
            service: {port: 80}
            httpRoute:
              enabled: true
              annotations: {a: b}
              parentRefs: [{name: gateway}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /devices}, method: GET}]
                  filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [X-Debug]}}]
                - matches: [{path: {type: Exact, value: /cmds}}]
                - {}
            """),
    AUTOSCALING("autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 12}"),
    AUTOSCALING_BY_OTHER_METRICS("""
            replicaCount: 0
            autoscaling:
              enabled: true
              targetCPUUtilizationPercentage: 0
              metrics:
                - type: Pods
                  pods: {metric: {name: decisions}, target: {type: AverageValue, averageValue: "5000"}}
              behavior: {scaleDown: {stabilizationWindowSeconds: 600}}
            """),
    NO_GATES("replicaCount: 0"),
    SERVICE_MONITOR("""
            serviceMonitor:
              enabled: true
              namespace: monitoring
              labels: {release: prometheus}
              scrapeTimeout: 10s
              metricRelabelings: [{action: drop, sourceLabels: [__name__], regex: jvm_.*}]
            networkPolicy:
              managementFrom:
                - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
                  podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}
            """),
    POD_MONITOR("""
            podMonitor: {enabled: true, interval: 15s, relabelings: [{action: labeldrop, regex: pod}]}
            networkPolicy: {managementFrom: [{ipBlock: {cidr: 'fd00:10::/64'}}]}
            """),
    RULES_AND_DASHBOARDS("""
            prometheusRule: {enabled: true, namespace: monitoring, labels: {release: prometheus}}
            dashboards: {enabled: true, namespace: monitoring, annotations: {grafana_folder: Postern}}
            """),
    NO_POLICY("networkPolicy: {enabled: false}\ntests: {enabled: false}"),
    CLOSED_POLICY("""
            tests: {enabled: false}
            networkPolicy:
              publicFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}]
              egress:
                - ports: [{port: 6379, protocol: TCP}]
                  to: [{podSelector: {matchLabels: {app: redis}}}]
                - ports: [{port: 53, protocol: UDP}]
            """),
    NODE_PORT(
            "service: {type: NodePort, nodePort: 30080, externalTrafficPolicy: Local, appProtocol: kubernetes.io/h2c}"),
    LOAD_BALANCER("""
            service:
              type: LoadBalancer
              port: 443
              loadBalancerClass: example.com/nlb
              loadBalancerSourceRanges: [192.0.2.0/24]
              annotations: {example.com/scheme: internal}
            management: {port: 9000, annotations: {a: b}}
            """),
    DUAL_STACK("service: {ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4]}"),
    IPV6_ONLY("""
            service: {ipFamilies: [IPv6]}
            management: {address: '::'}
            redis: {url: 'redis://[fd00::1]:6379'}
            """),
    OWN_CATALOGUE("""
            config:
              postern:
                backend: http://things.internal:9000
                apis:
                  things: {name: Things, operations: [{call: 'GET /things/{device}'}]}
            """),
    STRANGE_SETTINGS("""
            config:
              postern:
                backend: 'http://things.internal:9000'
                demo: false
                license: {max-devices: 20000000}
                oauth: {issuer: "https://gate.example.com"}
              strange:
                template: '{{ .Values.redis.password }} {{ fail "no" }} {{- end }} }} {{'
                lines: "first\\n  second: 'third'\\n\\n# fourth\\n"
                quotes: "' \\" \\\\ `"
                colons: "a: b: c # d"
                words: ["yes", "off", "null", "~", "1e3", "0x10", "0123", "1:30", "2026-01-01", "", " ", "=", "- a"]
                unicode: "设备 é 😀 \\u0007"
                empty: {}
                none: []
                "key with: colon": 1
            """),
    LONG_CATALOGUE("config:\n  postern:\n    apis:\n" + IntStream.range(0, 300)
            .mapToObj(i -> "      api-" + i + ": {name: API " + i + ", operations: [{call: 'GET /a" + i
                    + "/{device}', streams: 'query:datastream_id'}]}\n")
            .collect(Collectors.joining())),
    SECRET_SETTINGS("""
            config: {postern: {console: {oidc: {issuer-uri: 'https://id.example.com', client-id: gate}}}}
            secretConfig: {postern: {console: {oidc: {client-secret: "hush: #1"}}}}
            """),
    DIGEST("""
            image:
              repository: registry.example.com:5000/gates/postern
              digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            imagePullSecrets: [{name: registry}]
            tests: {image: {digest: 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}}
            """),
    LABELS_EVERYWHERE("""
            commonLabels: {team: devices, app.kubernetes.io/name: other, version: "1"}
            podLabels: {team: gates, app.kubernetes.io/component: other}
            podAnnotations: {checksum/config: none, example.com/a: "{{ .Values }}"}
            serviceMonitor: {enabled: true, labels: {team: monitoring}}
            networkPolicy: {managementFrom: [{podSelector: {matchLabels: {app: prometheus}}}]}
            serviceAccount: {annotations: {example.com/role: gate}}
            """),
    SCHEDULING("""
            nodeSelector: {disk: ssd}
            tolerations: [{key: gates, operator: Exists, effect: NoSchedule}]
            affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
              {matchExpressions: [{key: arch, operator: In, values: [amd64]}]}]}}}
            topologySpreadConstraints: [{maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule,
              labelSelector: {matchLabels: {app.kubernetes.io/name: postern}}}]
            priorityClassName: high
            strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 50%, maxUnavailable: 25%}}
            resources: {requests: {memory: 2Gi, cpu: "4"}, limits: {memory: 2Gi}}
            """),
    EXTRAS("""
            extraEnv:
              - {name: BACKEND_TOKEN, valueFrom: {secretKeyRef: {name: backend, key: token}}}
              - {name: POSTERN_BACKEND, value: 'http://things.internal:9000'}
            extraEnvFrom: [{configMapRef: {name: more-settings}}]
            extraVolumes: [{name: backend-ca, secret: {secretName: backend-ca}}]
            extraVolumeMounts: [{name: backend-ca, mountPath: /etc/backend, readOnly: true}]
            javaOptions: '-XX:+UseZGC -Dname="a b"'
            drainPauseSeconds: 0
            drainSeconds: 60
            """),
    ANY_USER_ID("podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}"),
    NO_SERVICE_ACCOUNT("serviceAccount: {create: false}"),
    EXISTING_SERVICE_ACCOUNT("serviceAccount: {create: false, name: gates}"),
    BUDGET_IN_PERCENT("podDisruptionBudget: {maxUnavailable: '', minAvailable: 50%}"),
    NO_BUDGET("podDisruptionBudget: {enabled: false}"),
    OTHER_NAME("nameOverride: gate"),
    OTHER_FULL_NAME("fullnameOverride: the-gate-with-a-name-that-is-as-long-as-a-name-in-kubernetes-is"),
    NAMES_THAT_LOOK_LIKE_OTHER_TYPES("""
            nameOverride: "123"
            fullnameOverride: "null"
            redis: {url: 'redis://r', username: "true", existingSecret: "1e3", tls: {existingSecret: "12"}}
            operatorToken: {existingSecret: "0x1", existingSecretKey: "1.5"}
            secretKeys: {existingSecret: "777", existingSecretKey: "off"}
            priorityClassName: "yes"
            serviceAccount: {create: false, name: "on"}
            ingress: {enabled: true, className: "off", hosts: [{host: "1.2", paths: [{path: /, pathType: Exact}]}]}
            serviceMonitor: {enabled: true, namespace: "1"}
            networkPolicy: {managementFrom: [{podSelector: {matchLabels: {app: "1"}}}]}
            commonLabels: {version: "1", "2": "true"}
            image: {repository: "1", tag: "2"}
            javaOptions: "1"
            extraEnv: [{name: A, value: "1"}]
            """),
    DEPENDENCY("global: {imageRegistry: registry.example.com}");

    /** Part of every secret in these values. */
    static final String SECRET = "hush";

    /** Values that a set does not give, and without which the chart would refuse. */
    private static final String REQUIRED = """
            operatorToken: {existingSecret: gate-secrets}
            secretKeys: {existingSecret: gate-secrets}
            """;

    private final String values;

    ValueSets(String values) {
        String text = values;
        if (!text.contains("redis:")) {
            text += "\n" + redis("{url: 'redis://redis.internal:6379'}");
        } else if (!text.contains("operatorToken:")) {
            text += "\n" + REQUIRED;
        }
        this.values = text;
    }

    private static String redis(String redis) {
        return "redis: " + redis + "\n" + REQUIRED;
    }

    String yaml() {
        return values;
    }
}
