package dev.postern.transfer;

import dev.postern.access.AccountId;
import dev.postern.credential.BlockedSubject;
import dev.postern.issuance.BlockedSubjects;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Blocked subjects of external issuers. */
final class BlockedSubjectLines extends EachPart<BlockedSubject> {
    private static final String ISSUER = "issuer";
    private static final String SUBJECT = "subject";
    private static final String CREATED = "created_at";

    private final BlockedSubjects subjects;

    BlockedSubjectLines(BlockedSubjects subjects) {
        this.subjects = subjects;
    }

    @Override
    public ResourceKind kind() {
        return ResourceKind.BLOCKED_SUBJECT;
    }

    @Override
    public Flux<Resource> all(AccountId account) {
        return subjects.all(account).map(blocked -> write(account, blocked));
    }

    @Override
    public BlockedSubject read(AccountId account, Members line) {
        line.only(ISSUER, SUBJECT, CREATED);
        String subject = line.string(SUBJECT);
        if (subject.isEmpty() || subject.length() > BlockedSubjects.MAX_SUBJECT) {
            throw LineFault.invalid(SUBJECT, "must have 1 to " + BlockedSubjects.MAX_SUBJECT + " characters");
        }
        return subjects.subject(line.name(ISSUER), subject, line.time(CREATED));
    }

    @Override
    public Resource write(AccountId account, BlockedSubject blocked) {
        return new Resource(kind(), account, blocked.id(),
                JsonMapper.shared().createObjectNode().put(ISSUER, blocked.issuer()).put(SUBJECT, blocked.subject())
                        .put(CREATED, blocked.created().toString()));
    }

    @Override
    Mono<Resource> find(AccountId account, BlockedSubject wanted) {
        return subjects.find(account, wanted.issuer(), wanted.subject()).map(blocked -> write(account, blocked));
    }

    @Override
    Mono<Void> create(AccountId account, BlockedSubject wanted) {
        return subjects.restore(account, wanted).then();
    }

    @Override
    public Mono<Void> change(AccountId account, BlockedSubject wanted, List<String> differences) {
        return create(account, wanted);
    }

    @Override
    public Mono<Void> checkCreation(AccountId account, BlockedSubject wanted, Forecast forecast) {
        return subjects.requireIssuer(wanted.issuer())
                .then(forecast.requireRoom(kind(), account, subjects.count(account), BlockedSubjects.MAX));
    }

    @Override
    public Mono<Void> delete(AccountId account, Resource present) {
        return subjects.unblock(account, present.id()).then();
    }
}
