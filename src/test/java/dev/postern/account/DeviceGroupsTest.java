package dev.postern.account;

import static dev.postern.store.TestRedis.find;
import static dev.postern.store.TestRedis.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.access.AccountId;
import dev.postern.access.DeviceGroup;
import dev.postern.access.DeviceId;
import dev.postern.store.UnreadableRecordException;
import dev.postern.support.AmpleStorage;
import dev.postern.support.Credentials;
import dev.postern.support.OwnsItsGate;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

@OwnsItsGate
class DeviceGroupsTest {
    private static final AccountId ACME = new AccountId("acme");
    private static final AccountId OTHER = new AccountId("other");
    private static final Page.Request FIRST_PAGE = new Page.Request(1, 100);

    @TempDir
    private static Path folder;
    private static Credentials credentials;
    private static DeviceGroups groups;

    @BeforeAll
    static void startRedis() {
        credentials = new Credentials(folder);
        groups = new DeviceGroups(credentials.redis().store(), AmpleStorage.lists(credentials.redis().store()));
    }

    @AfterAll
    static void stopRedis() {
        credentials.close();
    }

    @BeforeEach
    void openAnAccount() {
        credentials.redis().clear();
        credentials.open(ACME);
    }

    @Test
    void storesAGroup() {
        DeviceGroups.Details details = details(project("house"), "Häuser", "lamp", "door");

        create(details);

        assertThat(get(groups.require(ACME, project("house")))).isEqualTo(details);
        assertRefused(groups.require(ACME, user("house")), ChangeRefusedException.Why.NOT_FOUND);
        assertRefused(groups.require(OTHER, project("house")), ChangeRefusedException.Why.NOT_FOUND);
    }

    @Test
    void replacesAWholeGroupButCreatesNone() {
        create(details(project("house"), "House", "lamp"));

        assertThat(find(groups.replace(ACME, details(project("house"), "Home", "door")))).isEmpty();

        assertThat(get(groups.require(ACME, project("house")))).isEqualTo(details(project("house"), "Home", "door"));
        assertRefused(groups.replace(ACME, details(project("barn"), "Barn")), ChangeRefusedException.Why.NOT_FOUND);
        assertThat(names(Optional.empty(), FIRST_PAGE)).containsExactly("Home");
    }

    @Test
    void refusesATakenId() {
        create(details(project("house"), "House", "lamp"));

        assertRefused(groups.create(ACME, details(project("house"), "Home")), ChangeRefusedException.Why.TAKEN);

        assertThat(get(groups.require(ACME, project("house"))).name()).isEqualTo("House");
        create(details(user("house"), "A user of the same id"));
    }

    @Test
    void refusesAMissingAccount() {
        assertRefused(groups.create(OTHER, details(project("house"), "House")), ChangeRefusedException.Why.NOT_FOUND);

        assertThat(credentials.everything()).noneMatch(key -> key.contains("other"));
    }

    @Test
    void areDeletedWithTheirAccount() {
        create(details(project("house"), "House", "lamp"));
        create(details(user("ann"), "Ann", "lamp"));

        assertThat(get(credentials.accounts().delete(ACME))).isTrue();

        assertThat(credentials.everything()).noneMatch(key -> key.contains("acme"));
    }

    @Test
    void deletesAGroup() {
        create(details(project("house"), "House"));

        assertThat(get(groups.delete(ACME, project("house")))).isTrue();
        assertThat(get(groups.delete(ACME, project("house")))).isFalse();
    }

    @Test
    void listsGroupsInTheOrderOfTheirIds() {
        for (int i = 0; i < 25; i++) {
            create(details(project("id-%02d".formatted(i)), "name " + i, "lamp"));
        }

        Page<DeviceGroups.Details> second = get(
                groups.list(ACME, DeviceGroup.Kind.PROJECT, Optional.empty(), new Page.Request(2, 12)));

        assertThat(second.totalCount()).isEqualTo(25);
        assertThat(second.items()).extracting(details -> details.group().id()).hasSize(12).startsWith("id-12")
                .endsWith("id-23").isSorted();
        assertThat(get(groups.list(ACME, DeviceGroup.Kind.USER, Optional.empty(), FIRST_PAGE)).items()).isEmpty();
    }

    @Test
    void findsGroupsByNameBestMatchFirst() {
        create(details(project("a"), "minikitchen"));
        create(details(project("b"), "kitchne"));
        create(details(project("c"), "Kitchen"));
        create(details(project("d"), "garage"));

        assertThat(names(Optional.of("kitchen"), FIRST_PAGE)).containsExactly("Kitchen", "minikitchen", "kitchne");
        Page<DeviceGroups.Details> second = get(groups.list(ACME, DeviceGroup.Kind.PROJECT, Optional.of("kitchen"),
                new Page.Request(2, 1)));
        assertThat(second.totalCount()).isEqualTo(3);
        assertThat(second.items()).extracting(DeviceGroups.Details::name).containsExactly("minikitchen");
    }

    @Test
    void listsLargeGroups() {
        Set<DeviceId> devices = IntStream.range(0, DeviceGroups.MAX_DEVICES)
                .mapToObj(i -> new DeviceId("d".repeat(100) + i)).collect(Collectors.toSet());
        for (int i = 0; i < 12; i++) {
            create(new DeviceGroups.Details(project("large-" + i), "Large", devices));
        }

        assertThat(get(groups.list(ACME, DeviceGroup.Kind.PROJECT, Optional.of("large"), FIRST_PAGE)).items())
                .hasSize(12).allSatisfy(details -> assertThat(details.devices()).isEqualTo(devices));
    }

    @Test
    void reportsMissingGroups() {
        create(details(project("house"), "House"));
        create(details(user("ann"), "Ann"));

        assertThat(get(groups.missing(ACME, List.of(project("house"), project("ann"), user("ann"), user("bob")))))
                .containsExactlyInAnyOrder(project("ann"), user("bob"));
        assertThat(get(groups.missing(ACME, List.of()))).isEmpty();
    }

    @Test
    void generatesValidIds() {
        DeviceGroup made = get(DeviceGroups.newGroup(DeviceGroup.Kind.USER));

        assertThat(made.kind()).isEqualTo(DeviceGroup.Kind.USER);
        assertThat(made.id()).matches("[A-Za-z0-9_-]{12}");
    }

    @Test
    void refusesAnUnreadableRecord() {
        for (String damaged : List.of("{", "{\"v\":2,\"name\":\"n\",\"devices\":[]}",
                "{\"v\":1,\"name\":\"n\",\"devices\":[\"a b\"]}", "{\"v\":1,\"name\":\"n\",\"devices\":[],\"x\":1}")) {
            credentials.redis().run(
                    commands -> commands.hset(DeviceGroups.key(ACME, DeviceGroup.Kind.PROJECT), "house", damaged));
            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> find(groups.require(ACME, project("house")))).withMessageContaining("house");
        }
    }

    private static void create(DeviceGroups.Details details) {
        assertThat(find(groups.create(ACME, details))).isEmpty();
    }

    private static List<String> names(Optional<String> name, Page.Request page) {
        return get(groups.list(ACME, DeviceGroup.Kind.PROJECT, name, page)).items().stream()
                .map(DeviceGroups.Details::name).toList();
    }

    private static void assertRefused(Mono<?> change, ChangeRefusedException.Why why) {
        assertThatExceptionOfType(ChangeRefusedException.class).isThrownBy(() -> find(change))
                .satisfies(refused -> assertThat(refused.why()).isEqualTo(why));
    }

    private static DeviceGroups.Details details(DeviceGroup group, String name, String... devices) {
        return new DeviceGroups.Details(group, name,
                List.of(devices).stream().map(DeviceId::new).collect(Collectors.toSet()));
    }

    private static DeviceGroup project(String id) {
        return new DeviceGroup(DeviceGroup.Kind.PROJECT, id);
    }

    private static DeviceGroup user(String id) {
        return new DeviceGroup(DeviceGroup.Kind.USER, id);
    }
}
