package dev.postern.express;

import dev.postern.call.CallLog;
import dev.postern.call.FailedCalls;
import dev.postern.call.FrontDoor;
import dev.postern.call.GateHeaders;
import dev.postern.call.ReplyHeaders;
import dev.postern.call.StreamRights;
import dev.postern.call.UploadPace;
import dev.postern.decision.ReadableBodies;
import dev.postern.inbound.HttpDate;
import dev.postern.telemetry.BackendMeters;
import dev.postern.telemetry.LaneMeters;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;

/**
 * What the lane uses for every call.
 *
 * @param treatments      how the headers of clients are treated, for each event loop
 * @param dropped         headers of backends that do not reach the client
 * @param bodyReadTimeout longest wait for a body that is searched for IDs
 * @param pace            slowest permitted upload
 * @param readTimeout     longest pause within a body of a client
 * @param varyOrigin      whether responses depend on the header Origin
 */
record Services(FrontDoor frontDoor, ExpressRoutes routes, GateHeaders gateHeaders, FailedCalls failed,
        ReplyHeaders replyHeaders, CallLog log, StreamRights rights,
        LaneMeters meters, BackendMeters backendMeters, ReadableBodies readableBodies,
        FastThreadLocal<NameTreatments> treatments,
        ClientHead.Dropped dropped, HttpDate date, Duration bodyReadTimeout, UploadPace pace, Duration readTimeout,
        boolean varyOrigin) {}
