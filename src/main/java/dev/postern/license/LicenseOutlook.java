package dev.postern.license;

import dev.postern.access.AccessDecision;
import dev.postern.access.DeviceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the license of an account would say to a call that is otherwise allowed, if it were made now.
 *
 * @param enforced  whether licenses are enforced at all, and for this account
 * @param license   the license; empty if the account does not exist
 * @param state     the state of the license; empty if there is no license
 * @param devices   the number of devices that the account owns
 * @param used      the number of seats taken
 * @param standings the state of each device of the call, as a word: seated, waiting, shared or unknown
 * @param registers the devices that the call would register
 * @param seats     the devices that the call would give a seat
 * @param denied    the denial if the call is not covered
 */
public record LicenseOutlook(boolean enforced, Optional<License> license, Optional<License.State> state, long devices,
        long used, Map<DeviceId, String> standings, List<DeviceId> registers, List<DeviceId> seats,
        Optional<AccessDecision.Denied> denied) {
    public LicenseOutlook {
        registers = List.copyOf(registers);
        seats = List.copyOf(seats);
    }
}
