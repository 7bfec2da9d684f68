package dev.postern.call;

import dev.postern.access.AccessDecision;
import dev.postern.access.DenyReason;
import dev.postern.backend.BackendBusyException;
import dev.postern.inbound.BrokenBodyException;
import dev.postern.store.StoreUnavailableException;
import dev.postern.wire.BadResponseException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebInputException;
import reactor.netty.channel.AbortedException;

/** Maps errors of backend calls to deny reasons. */
public final class BackendFailures {
    private BackendFailures() {}

    public static AccessDecision.Denied denied(Throwable failure) {
        return switch (failure) {
            case ForwardingException known -> known.denied();
            case BadResponseException bad -> new AccessDecision.Denied(DenyReason.BACKEND_FAILED,
                    "The device backend did not send a valid HTTP response: " + bad.getMessage() + ".");
            default -> new AccessDecision.Denied(reason(failure));
        };
    }

    public static DenyReason reason(Throwable failure) {
        if (BrokenBodyException.causes(failure)) {
            return DenyReason.REQUEST_MALFORMED;
        }
        return switch (failure) {
            case StoreUnavailableException _ -> DenyReason.STORE_UNAVAILABLE;
            case BackendBusyException _ -> DenyReason.BACKEND_BUSY;
            case SlowUploadException _ -> DenyReason.BODY_TIMEOUT;
            case ConnectTimeoutException _ -> DenyReason.BACKEND_UNREACHABLE;
            case ConnectException _ -> DenyReason.BACKEND_UNREACHABLE;
            case UnknownHostException _ -> DenyReason.BACKEND_UNREACHABLE;
            case NoRouteToHostException _ -> DenyReason.BACKEND_UNREACHABLE;
            case ReadTimeoutException _ -> DenyReason.BACKEND_TIMEOUT;
            case TimeoutException _ -> DenyReason.BACKEND_TIMEOUT;
            case ResponseStatusException status when status.getStatusCode() == HttpStatus.GATEWAY_TIMEOUT ->
                DenyReason.BACKEND_TIMEOUT;
            case DataBufferLimitException _ -> DenyReason.BODY_TOO_LARGE;
            case AbortedException _ -> DenyReason.BACKEND_FAILED;
            case ServerWebInputException _ -> DenyReason.UPGRADE_INVALID;
            case MethodNotAllowedException _ -> DenyReason.UPGRADE_INVALID;
            case IOException broken when TlsFailures.is(broken) -> DenyReason.BACKEND_TLS_FAILED;
            case DecoderException broken when TlsFailures.is(broken) -> DenyReason.BACKEND_TLS_FAILED;
            case DecoderException _ -> DenyReason.BACKEND_FAILED;
            case IOException _ -> DenyReason.BACKEND_FAILED;
            case null, default -> DenyReason.INTERNAL_ERROR;
        };
    }
}
