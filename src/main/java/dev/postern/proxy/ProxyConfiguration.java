package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.access.CallsAnsweredHere;
import dev.postern.access.DeviceId;
import dev.postern.call.CallLog;
import dev.postern.call.CallReports;
import dev.postern.call.FailedCalls;
import dev.postern.call.ForwardingSettings;
import dev.postern.call.FrontDoor;
import dev.postern.call.ReplyHeaders;
import dev.postern.decision.ReadableBodies;
import dev.postern.license.LearnedDevices;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.LaneMeters;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Wires the data plane: the verdicts are carried out here; the beans for forwarding and the server are in separate
 * classes.
 */
@Configuration(proxyBeanMethods = false)
@Import({ForwardingConfiguration.class, ServerConfiguration.class})
public class ProxyConfiguration {
    @Bean
    FrontDoorRoute frontDoorRoute(FrontDoor frontDoor, CallsAnsweredHere answeredHere, LaneMeters meters,
            ReplyHeaders replyHeaders) {
        return new FrontDoorRoute(frontDoor, answeredHere, meters, replyHeaders);
    }

    @Bean
    AccessFilter accessFilter(FrontDoor frontDoor, ReadableBodies bodies, ForwardingSettings settings,
            DeviceListener listener, GateMeters meters, CallLog log, FailedCalls failed,
            ReplyHeaders replyHeaders) {
        return new AccessFilter(frontDoor, new BodyPeek(bodies, settings.bodyReadTimeout()),
                new Forwarder(settings, new DeviceLearner(listener, meters), log, failed), replyHeaders);
    }

    /** Devices that replies report are recorded in the background. */
    @Bean
    DeviceListener deviceListener(LearnedDevices devices) {
        return new DeviceListener() {
            @Override
            public void registered(AccountId account, DeviceId device) {
                devices.registered(account, device);
            }

            @Override
            public void removed(AccountId account, DeviceId device) {
                devices.removed(account, device);
            }
        };
    }

    @Bean
    GateErrors gateErrors(GateMeters meters) {
        return new GateErrors(meters);
    }

    @Bean
    RefusedCalls refusedCalls(GateMeters meters, CallReports reports) {
        return new RefusedCalls(meters, reports);
    }

    @Bean
    UnparsableTargets unparsableTargets(GateMeters meters, CallReports reports) {
        return new UnparsableTargets(meters, reports);
    }
}
