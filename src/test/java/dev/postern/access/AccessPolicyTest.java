package dev.postern.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessPolicyTest {
    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get lamp-1                 | get lamp-1          | allowed
            get lamp-1                 | get lamp-2          | device_not_permitted
            get lamp-1                 | get LAMP-1          | device_not_permitted
            get lamp-1                 | get lamp-1+lamp-2   | device_not_permitted
            get lamp-1                 | get lamp-2+lamp-1   | device_not_permitted
            get lamp-1+lamp-2          | get lamp-1+lamp-2   | allowed
            get lamp-1 & get lamp-2    | get lamp-2+lamp-1   | allowed
            get lamp-1                 | get lamp-1+lamp-1   | allowed
            none                       | get lamp-1          | device_not_permitted
            get *                      | get lamp-1          | allowed
            get *                      | get lamp-1+lamp-2   | allowed
            """)
    void decidesByDevice(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get lamp-1                      | put lamp-1           | action_not_permitted
            get,put lamp-1                  | put lamp-1           | allowed
            get lamp-1 & put lamp-1         | put lamp-1           | allowed
            get lamp-1 & put lamp-2         | put lamp-1           | action_not_permitted
            get,put lamp-1 & get lamp-2     | put lamp-1+lamp-2    | action_not_permitted
            post lamp-1                     | delete lamp-1        | action_not_permitted
            get,post,put lamp-1             | delete lamp-1        | action_not_permitted
            get,post,put,delete lamp-1      | delete lamp-1        | allowed
            - lamp-1                        | get lamp-1           | action_not_permitted
            get lamp-1                      | put lamp-2           | device_not_permitted
            get *                           | put lamp-1           | action_not_permitted
            get * & put lamp-1              | put lamp-1           | allowed
            get * & put lamp-1              | put lamp-2           | action_not_permitted
            - *                             | get lamp-1           | action_not_permitted
            """)
    void decidesByAction(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get lamp-1/temp                             | get lamp-1/temp             | allowed
            get lamp-1/temp                             | get lamp-1/hum              | stream_not_permitted
            get lamp-1/temp                             | get lamp-1/temp+hum         | stream_not_permitted
            get lamp-1/temp                             | get lamp-1/hum+temp         | stream_not_permitted
            get lamp-1/temp+hum                         | get lamp-1/hum+temp         | allowed
            get lamp-1/temp                             | get lamp-1                  | stream_not_permitted
            get lamp-1/temp+hum                         | get lamp-1                  | stream_not_permitted
            get lamp-1                                  | get lamp-1/temp             | allowed
            get lamp-1/none                             | get lamp-1/temp             | action_not_permitted
            get lamp-1/none                             | get lamp-1                  | action_not_permitted
            get lamp-1/temp                             | put lamp-1/temp             | action_not_permitted
            get lamp-1/temp                             | get lamp-2/temp             | device_not_permitted
            get lamp-1/temp & get lamp-2                | get lamp-1+lamp-2/temp      | allowed
            get lamp-1/temp & get lamp-2                | get lamp-1+lamp-2/hum       | stream_not_permitted
            get lamp-1/temp & get lamp-2                | get lamp-2+lamp-1           | stream_not_permitted
            get lamp-1/temp & get lamp-2/hum            | get lamp-1+lamp-2/temp+hum  | stream_not_permitted
            """)
    void decidesByStream(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get lamp-1/temp & get lamp-1/hum            | get lamp-1/temp+hum         | allowed
            get lamp-1/temp & get lamp-1                | get lamp-1                  | allowed
            get lamp-1 & get lamp-1/temp                | get lamp-1                  | allowed
            get lamp-1/temp & put lamp-1                | get lamp-1                  | stream_not_permitted
            get lamp-1/temp & put lamp-1                | put lamp-1                  | allowed
            get lamp-1/temp & put lamp-1/hum            | get lamp-1/hum              | stream_not_permitted
            get lamp-1/temp & put lamp-1/hum            | put lamp-1/temp             | stream_not_permitted
            get */temp & get lamp-1/hum                 | get lamp-1/temp+hum         | allowed
            get */temp & get lamp-1/hum                 | get lamp-2/temp             | allowed
            get */temp & get lamp-1/hum                 | get lamp-2/hum              | stream_not_permitted
            get */temp & get lamp-1                     | get lamp-1                  | allowed
            get * & get lamp-1/temp                     | get lamp-1                  | allowed
            get * & get lamp-1/none                     | get lamp-1/temp             | allowed
            get */none & get lamp-1/temp                | get lamp-1/temp             | allowed
            get */none & get lamp-1/temp                | get lamp-2/temp             | action_not_permitted
            """)
    void permitsTheUnionOfAllRulesAndNothingMore(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            get *                      | get -         | allowed
            get *                      | post -        | action_not_permitted
            get,post,put,delete *      | delete -      | allowed
            get lamp-1                 | get -         | account_scope_required
            get,post,put,delete lamp-1 | post -        | account_scope_required
            none                       | get -         | account_scope_required
            - *                        | get -         | action_not_permitted
            get */temp                 | get -         | action_not_permitted
            get */temp                 | get -/temp    | action_not_permitted
            get *                      | get -/temp    | allowed
            get *                      | get -/?       | allowed
            get * & post lamp-1        | post -        | action_not_permitted
            """)
    void decidesARequestWithoutDeviceByTheAccount(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            post lamp-1                | post lamp-1/?         | allowed
            post *                     | post lamp-1/?         | allowed
            post lamp-1/temp           | post lamp-1/?         | stream_not_permitted
            post lamp-1/temp           | post lamp-1/temp?     | stream_not_permitted
            post */temp                | post lamp-1/?         | stream_not_permitted
            post lamp-1                | post lamp-2/?         | device_not_permitted
            """)
    void takesStreamsInAnUnreadBodyForTheWholeDevice(String rules, String request, String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}")
    @CsvSource(delimiter = '|', textBlock = """
            post *                          | post ?
            get,post,put,delete *           | post lamp-1+?
            post lamp-1                     | post lamp-1+?
            none                            | post ?
            """)
    void permitsNothingWhileDevicesStandInAnUnreadBody(String rules, String request) {
        assertThat(answer(rules, request)).isEqualTo("body_unreadable");
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            post *                       | post lamp-1!            | allowed
            post *                       | post lamp-1/?!          | allowed
            post *                       | post -!                 | allowed
            post lamp-1                  | post lamp-1!            | body_unreadable
            post lamp-1                  | post lamp-1/temp!       | body_unreadable
            post lamp-1                  | post lamp-1/?!          | body_unreadable
            post */temp                  | post lamp-1/temp!       | body_unreadable
            post lamp-1 & get *          | post lamp-1!            | body_unreadable
            post lamp-1                  | post lamp-2!            | device_not_permitted
            get lamp-1                   | post lamp-1!            | action_not_permitted
            post lamp-1/temp             | post lamp-1/hum!        | stream_not_permitted
            post lamp-1                  | post -!                 | account_scope_required
            """)
    void permitsNothingLessThanTheAccountWhileTheBodyMayRepeatIdsOfTheQuery(String rules, String request,
            String answer) {
        assertThat(answer(rules, request)).isEqualTo(answer);
    }

    @ParameterizedTest(name = "[{0}] {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            # devices in the body always need it
            post *                       | post ?                  | true
            none                         | post ?                  | true
            post lamp-1                  | post lamp-1+?           | true
            # streams in the body need it where a device is limited to streams
            post lamp-1/temp             | post lamp-1/?           | true
            post */temp                  | post lamp-1/?           | true
            post lamp-1 & post lamp-2/hum | post lamp-1+lamp-2/?   | true
            post lamp-1                  | post lamp-1/?           | false
            post *                       | post lamp-1/?           | false
            post lamp-1/temp & post lamp-1 | post lamp-1/?         | false
            # nothing in the body could change the answer
            post lamp-1/temp             | post lamp-2/?           | false
            post lamp-1/temp             | post lamp-1+lamp-2/?    | false
            get lamp-1/temp              | post lamp-1/?           | false
            post lamp-1/none             | post lamp-1/?           | false
            post lamp-1/temp             | post -/?                | false
            none                         | post lamp-1/?           | false
            # the body might repeat ids of the query
            post lamp-1                  | post lamp-1!            | true
            post lamp-1                  | post lamp-1/?!          | true
            post lamp-1/temp             | post lamp-1/temp!       | true
            post */temp                  | post lamp-1/temp!       | true
            post *                       | post lamp-1!            | false
            post *                       | post lamp-1/?!          | false
            post lamp-1/temp             | post lamp-1/hum!        | false
            post lamp-1/temp             | post lamp-1!            | false
            post lamp-1                  | post lamp-2!            | false
            post lamp-1                  | post -!                 | false
            # no ids are in the body
            post lamp-1/temp             | post lamp-1/temp        | false
            post lamp-1/temp             | post lamp-1             | false
            """)
    void needsTheBodyOnlyWhereItDecides(String rules, String request, boolean needed) {
        assertThat(AccessPolicy.needsBody(PolicyTable.principal(rules), PolicyTable.request(request)))
                .isEqualTo(needed);
    }

    @ParameterizedTest(name = "[{0}] {1} with {2} and {3} in its body: {4}")
    @CsvSource(delimiter = '|', textBlock = """
            post lamp-1/temp   | post lamp-1/?      | -        | temp     | allowed
            post lamp-1/temp   | post lamp-1/?      | -        | hum      | stream_not_permitted
            post lamp-1/temp   | post lamp-1/?      | -        | -        | stream_not_permitted
            post lamp-1/temp   | post lamp-1/temp?  | -        | -        | allowed
            post lamp-1/temp   | post lamp-1/hum?   | -        | temp     | stream_not_permitted
            post lamp-1        | post ?             | lamp-1   | -        | allowed
            post lamp-1        | post ?             | lamp-2   | -        | device_not_permitted
            post lamp-1        | post lamp-1+?      | lamp-2   | -        | device_not_permitted
            post lamp-1        | post lamp-2+?      | lamp-1   | -        | device_not_permitted
            post lamp-1        | post ?             | -        | -        | account_scope_required
            post *             | post ?             | -        | -        | allowed
            post lamp-1/temp   | post lamp-1/temp   | -        | hum      | allowed
            post lamp-1        | post lamp-1!       | -        | -        | allowed
            post lamp-1/temp   | post lamp-1/?!     | -        | temp     | allowed
            post lamp-1/temp   | post lamp-1/?!     | -        | hum      | stream_not_permitted
            """)
    void addsWhatTheBodyNamesToTheRequest(String rules, String request, String device, String stream, String answer) {
        AccessRequest complete = PolicyTable.request(request).withBody(
                device.equals("-") ? List.of() : List.of(new DeviceId(device)),
                stream.equals("-") ? List.of() : List.of(new StreamId(stream)));

        assertThat(complete.devicesInBody()).isFalse();
        assertThat(complete.bodyUnchecked()).isFalse();
        assertThat(complete.streams()).isNotInstanceOf(Streams.InBody.class);
        assertThat(word(AccessPolicy.decide(PolicyTable.principal(rules), complete))).isEqualTo(answer);
    }

    @Test
    void allowsThePrincipalThatAsked() {
        Principal principal = PolicyTable.principal("get lamp-1");

        assertThat(AccessPolicy.decide(principal, PolicyTable.request("get lamp-1")))
                .isEqualTo(new AccessDecision.Allowed(principal));
    }

    @ParameterizedTest(name = "[{0}] {1}")
    @CsvSource(delimiter = '|', textBlock = """
            get lamp-1       | get lamp-1+lamp-2  | Device lamp-2 is not among the devices of this credential.
            get lamp-1       | put lamp-1         | This credential does not permit PUT on device lamp-1.
            get *            | put -              | This credential does not permit PUT in its account.
            get lamp-1/temp  | get lamp-1/hum     | This credential does not permit GET on stream hum of device lamp-1.
            get lamp-1/temp  | get lamp-1         | The request asks for the whole of device lamp-1, but this credential \
            permits only some of the device's streams. Name the streams in the request.
            """)
    void saysWhatIsNotPermitted(String rules, String request, String detail) {
        assertThat(AccessPolicy.decide(PolicyTable.principal(rules), PolicyTable.request(request)))
                .isInstanceOfSatisfying(AccessDecision.Denied.class,
                        denied -> assertThat(denied.detail()).isEqualTo(detail));
    }

    private static String answer(String rules, String request) {
        return word(AccessPolicy.decide(PolicyTable.principal(rules), PolicyTable.request(request)));
    }

    private static String word(AccessDecision decision) {
        return switch (decision) {
            case AccessDecision.Allowed _ -> "allowed";
            case AccessDecision.Denied(var reason, var _) -> reason.word();
        };
    }
}
