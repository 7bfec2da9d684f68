package dev.postern.catalog;

/**
 * The forms of the IDs of an API.
 *
 * @param devices the form of device IDs
 * @param streams the form of stream IDs
 */
record IdForms(IdForm devices, IdForm streams) {
    static IdForms parse(String where, ApiDefinition definition) {
        return new IdForms(IdForm.parse(where + ".device-ids", definition.deviceIds()),
                IdForm.parse(where + ".stream-ids", definition.streamIds()));
    }

    /** @param kind the meaning of a path variable */
    IdForm of(String kind) {
        return switch (kind) {
            case PathTemplate.DEVICE -> devices;
            case PathTemplate.STREAM -> streams;
            default -> IdForm.ANY;
        };
    }
}
