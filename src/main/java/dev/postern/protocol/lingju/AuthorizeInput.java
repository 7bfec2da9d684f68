package dev.postern.protocol.lingju;

import dev.postern.access.DeviceId;
import dev.postern.access.RequestTarget;
import dev.postern.credential.PresentedCredential;
import dev.postern.protocol.Form;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The parameters of an authorization, from the query or a form. Unknown parameters are ignored. */
record AuthorizeInput(String appKey, DeviceId userId, Optional<PresentedCredential> authcode) {
    private static final Pattern APP_KEY = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final Pattern USER_ID = Pattern.compile("[A-Za-z0-9]{1,128}");

    /**
     * Reads the parameters.
     *
     * @param body the form; empty if there is none
     * @throws AuthorizeException if a parameter is missing or malformed, or has two different values
     */
    static AuthorizeInput read(RequestTarget target, Optional<byte[]> body) {
        Form form;
        try {
            Form query = Form.read(target);
            form = body.map(Form::read).map(query::and).orElse(query);
        } catch (IllegalArgumentException malformed) {
            throw new AuthorizeException(AuthorizeError.PARAMETER_INVALID, "the parameters are not UTF-8");
        }
        return new AuthorizeInput(required(form, "appkey", APP_KEY), new DeviceId(required(form, "userid", USER_ID)),
                // One client sends the parameter without a value if it has no authcode.
                single("authcode", form.values("authcode").stream().filter(code -> !code.isEmpty()).toList())
                        .map(PresentedCredential::new));
    }

    private static String required(Form form, String name, Pattern pattern) {
        return single(name, form.values(name)).filter(value -> pattern.matcher(value).matches())
                .orElseThrow(() -> new AuthorizeException(AuthorizeError.PARAMETER_INVALID,
                        name + " is missing or malformed"));
    }

    private static Optional<String> single(String name, List<String> values) {
        if (values.stream().distinct().count() > 1) {
            throw new AuthorizeException(AuthorizeError.PARAMETER_INVALID, name + " has two different values");
        }
        return values.stream().findFirst();
    }
}
