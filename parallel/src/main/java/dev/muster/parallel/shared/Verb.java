package dev.muster.parallel.shared;

/// What a client can ask of the manager, and of the things it owns. The order is that of the wire:
/// a new verb comes last, and changes the protocol's version.
enum Verb {
    /// Finds something by its name, or makes it.
    OPEN,
    /// Forgets a name.
    DELETE,
    /// Gives up a call. Has no reply of its own; the call's tells how it ended.
    CANCEL,
    /// A value that was taken has arrived. No reply.
    KEEP,
    /// A value that was taken is of no use here. No reply.
    RETURN,
    PUT,
    TAKE,
    TASK_DONE,
    JOIN,
    CLOSE,
    GET,
    SET,
    ADD,
    PUT_IF_ABSENT,
    REPLACE,
    REMOVE,
    SIZE,
    CONTENT,
    CLEAR,
    ACQUIRE,
    RELEASE,
    AWAIT,
    CALL
}
