namespace RealTimeMesh.DeltaLake;

/// <summary>Puts a commit at the next free version, behind winners that it may follow.</summary>
internal sealed class CommitRace(LogFolder log, DeltaTableOptions options, TimeProvider time)
{
    public async Task<CommitResult> RunAsync(LogCommit commit, ReadSet read, IsolationLevel level, VersionStamp stamp, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        var version = (snapshot?.Version ?? -1) + 1;
        ReadOnlyMemory<byte> content = default;
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (content.IsEmpty || !stamp.IsConstant)
            {
                stamp.Apply(commit, version, time.GetUtcNow().ToUnixTimeMilliseconds());
                content = ActionWriter.Write(commit);
            }

            if (await TryPutAsync(version, content, commit.Info!.TxnId!, cancellationToken))
                return new CommitResult.Committed(version);
            if (snapshot is null)
                return new CommitResult.Conflict(version, ConflictKind.TableCreated, "another writer created the table");
            while (await log.ReadCommitAsync(version, cancellationToken) is { } winner)
            {
                if (ConflictCheck.Find(commit, read, level, winner.Commit) is var (kind, reason))
                    return new CommitResult.Conflict(version, kind, reason);
                stamp.Follow(winner.Commit, winner.FileTime);
                version++;
            }

            if (attempt >= options.MaxCommitAttempts)
                return new CommitResult.Conflict(version - 1, ConflictKind.AttemptsExhausted, $"lost the race {attempt} times; expected to win one of {options.MaxCommitAttempts}; raise MaxCommitAttempts or write less often");
        }
    }

    /// <summary>True where the commit is there and ours. A fault may come after the file was made: then the log tells whose it is.</summary>
    private async Task<bool> TryPutAsync(long version, ReadOnlyMemory<byte> content, string txnId, CancellationToken cancellationToken)
    {
        try
        {
            return DurableFiles.PutIfAbsent(log.CommitPath(version), log.TemporaryPath(options.NewId()), content.Span);
        }
        catch (IOException exception)
        {
            if (await log.ReadCommitAsync(version, cancellationToken) is not { } found || found.Commit.Info?.TxnId != txnId)
                throw;
            options.OnFault?.Invoke($"commit {version} of Delta table '{log.Table}' was made though its storage reported a fault", exception);
            return true;
        }
    }
}
