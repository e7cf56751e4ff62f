namespace RealTimeMesh.DeltaLake;

/// <summary>Puts a commit at the next free version, behind winners that it may follow.</summary>
internal sealed class CommitRace(LogFolder log, DeltaTableOptions options, TimeProvider time)
{
    public async Task<CommitResult> RunAsync(LogCommit commit, ReadSet read, IsolationLevel level, VersionStamp stamp, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        var version = (snapshot?.Version ?? -1) + 1;
        ReadOnlyMemory<byte> content = default;
        var advances = commit.Protocol is null && commit.Metadata is { } own && snapshot?.Metadata is { } before && IdentityColumns.IsOnlyAdvance(log.Table, before, own);
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (content.IsEmpty || !stamp.IsConstant)
            {
                stamp.Apply(commit, version, time.GetUtcNow().ToUnixTimeMilliseconds());
                content = ActionWriter.Write(commit);
            }

            if (await TryPutAsync(version, content, cancellationToken))
                return new CommitResult.Committed(version);
            while (await log.ReadCommitAsync(version, cancellationToken) is { } winner)
            {
                // A store that repeats a put whose answer was lost says that the name is taken: by us.
                if (winner.Commit.Info?.TxnId == commit.Info!.TxnId)
                    return new CommitResult.Committed(version);
                if (snapshot is null)
                    return new CommitResult.Conflict(version, ConflictKind.TableCreated, "another writer created the table");
                if (ConflictCheck.Find(commit, advances, snapshot, read, level, winner.Commit) is var (kind, reason))
                    return new CommitResult.Conflict(version, kind, reason);
                stamp.Follow(winner.Commit, winner.FileTime);
                version++;
            }

            if (attempt >= options.MaxCommitAttempts)
                return new CommitResult.Conflict(version - 1, ConflictKind.AttemptsExhausted, $"lost the race {attempt} times; expected to win one of {options.MaxCommitAttempts}; raise MaxCommitAttempts or write less often");
        }
    }

    /// <summary>False where the version is taken: by a winner, or by this commit itself where the answer was lost. The log tells.</summary>
    private async Task<bool> TryPutAsync(long version, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            return await log.Store.PutIfAbsentAsync(log.CommitPath(version), content, cancellationToken);
        }
        catch (IOException exception)
        {
            if (!await log.Store.ExistsAsync(log.CommitPath(version), cancellationToken))
                throw;
            options.OnFault?.Invoke($"commit {version} of Delta table '{log.Table}': the store reported a fault though the version is there; the log tells whose it is", exception);
            return false;
        }
    }
}
