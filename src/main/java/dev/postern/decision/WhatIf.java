package dev.postern.decision;

import dev.postern.access.AccountId;
import dev.postern.authentication.Authentication;
import dev.postern.authentication.Rehearsal;
import dev.postern.authentication.Rehearsal.Identity;
import dev.postern.authentication.Rehearsal.Unsaved;
import dev.postern.credential.Credential;
import dev.postern.credential.CredentialRecords;
import dev.postern.store.Patience;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds out how calls would be decided if a credential were changed. */
public final class WhatIf {
    private final Explainer explainer;
    private final Rehearsal rehearsal;
    private final RecentDecisions recent;

    public WhatIf(Explainer explainer, Rehearsal rehearsal, RecentDecisions recent) {
        this.explainer = explainer;
        this.rehearsal = rehearsal;
        this.recent = recent;
    }

    /**
     * A change that is not saved.
     *
     * @param index   the index of the credential
     * @param changed the credential as it would be
     */
    public record Change(AccountId account, String index, Credential.Managed changed) {
        private List<Unsaved> unsaved() {
            return List.of(new Unsaved(index, changed));
        }
    }

    /** How a call is decided now, and how it would be decided after the change. */
    public record Compared(Explanation before, Explanation after) {}

    /** @param user the user that a JWT is signed for */
    public Mono<Compared> compare(Change change, HypotheticalCall call, Optional<String> user) {
        Who caller = new Who.Known(change.index(), user);
        return explainer.explain(call, caller, List.of())
                .flatMap(before -> explainer.explain(call, caller, change.unsaved())
                        .map(after -> new Compared(before, after)));
    }

    /** Replays the recent decisions of this gate. */
    public Mono<Replay> replay(Change change) {
        List<RecentDecision> decisions = recent.of(change.account(), CredentialRecords.idOf(change.index()));
        Set<Optional<String>> users = new LinkedHashSet<>();
        decisions.forEach(decision -> users.add(decision.user()));
        return Mono.zip(callers(change, users, List.of()), callers(change, users, change.unsaved()))
                .map(both -> {
                    Replay replay = new Replay();
                    for (RecentDecision decision : decisions) {
                        replay.add(decision, Objects.requireNonNull(both.getT1().get(decision.user())),
                                Objects.requireNonNull(both.getT2().get(decision.user())));
                    }
                    return replay;
                });
    }

    private Mono<Map<Optional<String>, Authentication>> callers(Change change, Set<Optional<String>> users,
            List<Unsaved> unsaved) {
        return Flux.fromIterable(users)
                .concatMap(user -> rehearsal
                        .authenticate(new Identity.Known(change.index(), user), unsaved, Patience.READ)
                        .map(result -> Map.entry(user, result.authentication())))
                .collect(HashMap::new, (all, entry) -> all.put(entry.getKey(), entry.getValue()));
    }
}
