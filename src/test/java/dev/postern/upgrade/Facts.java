package dev.postern.upgrade;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What an account has at one time, without its seats.
 *
 * @param rights     of its credentials; of those that were revoked, {@link Rights#NONE}
 * @param registered its devices
 * @param house      the devices of its project
 * @param alice      the devices of its user
 */
record Facts(Map<Held, Rights> rights, Set<String> registered, Set<String> house, Set<String> alice) {
    Facts {
        rights = Map.copyOf(rights);
        registered = Set.copyOf(registered);
        house = Set.copyOf(house);
        alice = Set.copyOf(alice);
    }

    /**
     * What a credential permits.
     *
     * @param actions methods, such as {@code GET}
     */
    record Rights(Set<String> devices, Set<String> actions) {
        static final Rights NONE = new Rights(Set.of(), Set.of());

        Rights {
            devices = Set.copyOf(devices);
            actions = Set.copyOf(actions);
        }
    }

    boolean permits(Held credential, String action, String device) {
        Rights of = rights.getOrDefault(credential, Rights.NONE);
        return of.actions().contains(action) && of.devices().contains(device) && registered.contains(device);
    }

    Facts with(Held credential, Rights newRights) {
        Map<Held, Rights> all = new HashMap<>(rights);
        all.put(credential, newRights);
        return new Facts(all, registered, house, alice);
    }

    Facts without(Held credential) {
        Map<Held, Rights> all = new HashMap<>(rights);
        all.remove(credential);
        return new Facts(all, registered, house, alice);
    }

    /** With a device that was just registered. */
    Facts withDevice(String device) {
        Set<String> more = new HashSet<>(registered);
        more.add(device);
        return new Facts(rights, more, house, alice);
    }

    /** Without a device. It leaves the project and the user, too. */
    Facts withoutDevice(String device) {
        Set<String> fewer = new HashSet<>(registered);
        fewer.remove(device);
        return new Facts(rights, fewer, without(house, device), without(alice, device)).withGroups();
    }

    private static Set<String> without(Set<String> devices, String device) {
        Set<String> fewer = new HashSet<>(devices);
        fewer.remove(device);
        return fewer;
    }

    Facts withGroups(Set<String> newHouse, Set<String> newAlice) {
        return new Facts(rights, registered, newHouse, newAlice).withGroups();
    }

    /** Gives the tokens of the project and of the user the devices that these have now. */
    private Facts withGroups() {
        Map<Held, Rights> all = new HashMap<>(rights);
        all.replaceAll((credential, of) -> of.equals(Rights.NONE) ? of : switch (credential.kind()) {
            case RSA_TOKEN -> new Rights(house, of.actions());
            case JWT_TOKEN -> new Rights(alice, of.actions());
            default -> of;
        });
        return new Facts(all, registered, house, alice);
    }
}
