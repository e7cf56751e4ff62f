namespace RealTimeMesh.DeltaLake;

/// <summary>The actions of one commit file (or of a checkpoint).</summary>
internal sealed class LogCommit
{
    public ProtocolAction? Protocol { get; set; }

    public MetadataAction? Metadata { get; set; }

    public List<AddFile> Adds { get; } = [];

    public List<RemoveFile> Removes { get; } = [];

    public List<CdcFile> Changes { get; } = [];

    public List<TransactionId> Transactions { get; } = [];

    public List<DomainMetadata> Domains { get; } = [];

    /// <summary>The version of a V2 checkpoint (<c>checkpointMetadata</c>); null in commits.</summary>
    public long? CheckpointVersion { get; init; }

    /// <summary>Of V2 checkpoints only.</summary>
    public List<SidecarFile> Sidecars { get; } = [];

    public CommitInfo? Info { get; set; }

    /// <summary>Whether there are actions and no two of them are about the same file, application or domain (PROTOCOL.md, "Action Reconciliation").</summary>
    public bool IsReconciled()
    {
        var files = new HashSet<FileKey>();
        return (Protocol is not null || Metadata is not null || Adds.Count + Removes.Count + Transactions.Count + Domains.Count > 0)
            && Adds.All(add => files.Add(add.Key)) && Removes.All(remove => files.Add(remove.Key))
            && Transactions.DistinctBy(transaction => transaction.AppId).Count() == Transactions.Count
            && Domains.DistinctBy(domain => domain.Domain).Count() == Domains.Count;
    }

    /// <summary>Takes over the actions of another part of the same checkpoint.</summary>
    public void Append(LogCommit other)
    {
        Protocol = other.Protocol ?? Protocol;
        Metadata = other.Metadata ?? Metadata;
        Adds.AddRange(other.Adds);
        Removes.AddRange(other.Removes);
        Transactions.AddRange(other.Transactions);
        Domains.AddRange(other.Domains);
        Sidecars.AddRange(other.Sidecars);
    }
}
