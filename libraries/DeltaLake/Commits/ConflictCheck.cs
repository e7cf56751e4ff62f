namespace RealTimeMesh.DeltaLake;

/// <summary>Decides whether a commit may follow a winner it has not seen (Delta's conflict rules).</summary>
internal static class ConflictCheck
{
    /// <summary>What stands against it; null where nothing does.</summary>
    /// <param name="advances">Whether the metadata it sets only advances identity columns.</param>
    /// <param name="snapshot">What it was derived from.</param>
    public static (ConflictKind Kind, string Reason)? Find(LogCommit mine, bool advances, Snapshot snapshot, ReadSet read, IsolationLevel level, LogCommit winner)
    {
        if (winner.Protocol is not null)
            return (ConflictKind.ProtocolChanged, "the winner changed the protocol");
        // Two that number rows exclude each other; who numbers none, or changes nothing else, does not mind the other's numbers.
        if (winner.Metadata is { } set && (mine.Metadata is not null || snapshot.Metadata is not { } before || !IdentityColumns.IsOnlyAdvance(snapshot.Table, before, set)))
            return (ConflictKind.MetadataChanged, "the winner changed the metadata");
        if (mine.Protocol is not null)
            return (ConflictKind.ProtocolChanged, "this commit changes the protocol, the winner wrote under the old");
        if (mine.Metadata is not null && !advances)
            return (ConflictKind.MetadataChanged, "this commit sets the metadata, the winner wrote under the old");
        foreach (var item in winner.Transactions)
        {
            if (mine.Transactions.Exists(own => own.AppId == item.AppId))
                return (ConflictKind.ConcurrentTransaction, $"the winner advanced application '{item.AppId}' to {item.Version}");
        }

        foreach (var item in winner.Domains)
        {
            // Row ids are given out anew after a lost race.
            if (item.Domain != RowIds.Domain && mine.Domains.Exists(own => own.Domain == item.Domain))
                return (ConflictKind.ConcurrentTransaction, $"the winner set domain '{item.Domain}'");
        }

        return Appended(read, level, winner) ?? Removed(mine, read, winner);
    }

    private static (ConflictKind Kind, string Reason)? Appended(ReadSet read, IsolationLevel level, LogCommit winner)
    {
        if (read.IsEmpty || level == IsolationLevel.SnapshotIsolation || (level == IsolationLevel.WriteSerializable && winner.Info is { IsBlindAppend: true }))
            return null;
        return winner.Adds.Find(file => file.DataChange && read.Covers(file)) is { } added
            ? (ConflictKind.ConcurrentAppend, $"the winner added file '{added.Path}', which this commit has not read")
            : null;
    }

    private static (ConflictKind Kind, string Reason)? Removed(LogCommit mine, ReadSet read, LogCommit winner)
    {
        if (winner.Removes.Count == 0)
            return null;
        // A winner that gave a file another deletion vector removed and added its path: that counts as a removal too.
        var own = mine.Removes.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var file in winner.Removes)
        {
            if (own.Contains(file.Path))
                return (ConflictKind.ConcurrentDeleteDelete, $"the winner removed file '{file.Path}', which this commit removes");
            if (read.Includes(file))
                return (ConflictKind.ConcurrentDeleteRead, $"the winner removed file '{file.Path}', which this commit has read");
        }

        return null;
    }
}
