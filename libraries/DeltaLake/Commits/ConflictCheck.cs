namespace RealTimeMesh.DeltaLake;

/// <summary>Decides whether a commit may follow a winner it has not seen (serializable isolation, Delta's conflict rules).</summary>
internal static class ConflictCheck
{
    /// <summary>The reason why it may not; null where it may.</summary>
    public static string? Find(LogCommit mine, bool isBlindAppend, LogCommit winner)
    {
        if (winner.Protocol is not null)
            return "the winner changed the protocol";
        if (winner.Metadata is not null)
            return "the winner changed the metadata";
        if (mine.Metadata is not null)
            return "this commit sets the metadata, the winner wrote under the old";
        foreach (var item in winner.Transactions)
        {
            if (mine.Transactions.Exists(own => own.AppId == item.AppId))
                return $"the winner advanced application '{item.AppId}' to {item.Version}";
        }

        if (isBlindAppend)
            return null;
        if (winner.Removes.Count > 0)
            return $"the winner removed file '{winner.Removes[0].Path}', which this commit may have read";
        return winner.Adds.Exists(file => file.DataChange) ? $"the winner added file '{winner.Adds.First(file => file.DataChange).Path}', which this commit has not read" : null;
    }
}
