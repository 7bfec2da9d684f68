package dev.postern.proxy;

import dev.postern.access.AccountId;
import dev.postern.call.LoggedFailure;
import dev.postern.catalog.DeviceEffect;
import dev.postern.catalog.DeviceReply;
import dev.postern.telemetry.GateMeters;
import dev.postern.telemetry.GateMeters.Learned;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns from the replies of backends which devices an account has. Errors here never affect the reply. */
final class DeviceLearner {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceLearner.class);

    private final DeviceListener listener;
    private final GateMeters meters;

    DeviceLearner(DeviceListener listener, GateMeters meters) {
        this.listener = listener;
        this.meters = meters;
    }

    /** Starts a lesson for a call that this account is allowed to make. */
    Lesson lesson(String requestId, AccountId account, DeviceEffect.Change change) {
        return new Lesson(requestId, account, change);
    }

    /** The lesson from one call. Only the first outcome is recorded, however many follow. */
    final class Lesson {
        private final String requestId;
        private final AccountId account;
        private final DeviceEffect.Change change;
        private final AtomicBoolean over = new AtomicBoolean();

        private Lesson(String requestId, AccountId account, DeviceEffect.Change change) {
            this.requestId = requestId;
            this.account = account;
            this.change = change;
        }

        boolean isOver() {
            return over.get();
        }

        /** The reply is complete. */
        void learnFrom(byte[] reply) {
            if (over.compareAndSet(false, true)) {
                try {
                    tell(change.read(reply));
                } catch (RuntimeException defect) {
                    count(defect);
                }
            }
        }

        private void tell(DeviceReply reply) {
            switch (reply) {
                case DeviceReply.Registered(var device) -> {
                    listener.registered(account, device);
                    count(Learned.REGISTERED, "the device was registered");
                }
                case DeviceReply.Removed(var device) -> {
                    listener.removed(account, device);
                    count(Learned.REMOVED, "the device was removed");
                }
                case DeviceReply.Unsuccessful() -> count(Learned.UNSUCCESSFUL, "the envelope reports a failure");
                case DeviceReply.Unreadable(var detail) -> count(Learned.UNREADABLE, detail);
            }
        }

        /** Ends the lesson without learning anything. */
        void end(Learned outcome, String why) {
            if (over.compareAndSet(false, true)) {
                count(outcome, why);
            }
        }

        void fail(RuntimeException defect) {
            if (over.compareAndSet(false, true)) {
                count(defect);
            }
        }

        private void count(Learned outcome, String why) {
            LOG.debug("{} {}: {}", requestId, outcome.word(), why);
            meters.learned(outcome);
        }

        private void count(RuntimeException defect) {
            LOG.error("{} nothing was learned from its reply", requestId, LoggedFailure.of(defect));
            meters.learned(Learned.FAILED);
        }
    }
}
