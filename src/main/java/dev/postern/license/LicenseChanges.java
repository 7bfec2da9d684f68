package dev.postern.license;

import dev.postern.access.AccountId;
import dev.postern.store.RedisStore;
import reactor.core.publisher.Mono;

/**
 * Announces changes of an account's devices and license terms, so that no gate keeps deciding by cached records. All
 * code that changes an account's license records must go through this class.
 */
final class LicenseChanges {
    private final RedisStore redis;
    private final LicenseWatch watch;

    LicenseChanges(RedisStore redis, LicenseWatch watch) {
        this.redis = redis;
        this.watch = watch;
    }

    /**
     * Runs a change. All gates drop the account from their caches as soon as it is made; this gate does so before it
     * notifies the others.
     */
    <T> Mono<T> changingLicense(AccountId account, Mono<T> change) {
        return redis.changes().changing(change, LicenseKeys.license(account))
                .doOnTerminate(() -> watch.licenseChanged(account));
    }

    /** Makes the metrics check again whether the account is near the limit or the end of its license. */
    void licenseChanged(AccountId account) {
        watch.licenseChanged(account);
    }

    /** Drops the account from this gate's caches. */
    void forget(AccountId account) {
        redis.changes().forget(LicenseKeys.license(account));
        watch.licenseChanged(account);
    }
}
