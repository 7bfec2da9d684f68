package dev.postern.loadtest.peers;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.VerticleBase;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.httpproxy.HttpProxy;

/** The proxy of Vert.x, without any check, on two event loops. */
public final class VertxProxy extends VerticleBase {
    private static final int LOOPS = 2;

    private final int port;
    private final int backend;

    private VertxProxy(int port, int backend) {
        this.port = port;
        this.backend = backend;
    }

    /** @param arguments the port to listen at, and that of the backend */
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int backend = Integer.parseInt(arguments[1]);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS).setPreferNativeTransport(true));
        vertx.deployVerticle(() -> new VertxProxy(port, backend), new DeploymentOptions().setInstances(LOOPS))
                .onFailure(failure -> {
                    System.err.println("The proxy does not start: " + failure);
                    System.exit(1);
                });
    }

    @Override
    public Future<?> start() {
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(true).setPipelining(false),
                new PoolOptions().setHttp1MaxSize(1024));
        HttpProxy proxy = HttpProxy.reverseProxy(client).origin(backend, "127.0.0.1");
        return vertx.createHttpServer(new HttpServerOptions().setPort(port).setHost("127.0.0.1"))
                .requestHandler(proxy).listen();
    }
}
