package dev.postern.transfer;

import dev.postern.license.NewDevice;

/** A device as a document has it. */
record WantedDevice(NewDevice device, boolean seated) {}
