namespace RealTimeMesh.Components;

/// <summary>
/// Administration of a broker: topics, settings, partitions, groups, positions, and stored records as they stand. The words
/// and the names of settings are Kafka's. What cannot be done is an <see cref="AdminException"/> that says which kind of
/// refusal it is. Every implementation passes the administration compliance suite of <c>libraries/Testing</c>.
/// </summary>
public interface IBrokerAdmin
{
    AdminCapabilities Capabilities { get; }

    Task<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken);

    /// <summary>Names of all topics, sorted ordinally.</summary>
    Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken);

    /// <summary>The topics of these names that exist, in this order.</summary>
    Task<IReadOnlyList<TopicDescription>> DescribeTopicsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken);

    Task<IReadOnlyList<TopicSetting>> GetSettingsAsync(string topic, CancellationToken cancellationToken);

    Task CreateTopicAsync(NewTopic topic, CancellationToken cancellationToken);

    /// <summary>Deletes a topic with its records and the positions that groups have on it. Refused while a group consumes it, where the broker knows.</summary>
    Task DeleteTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Sets settings; null takes one back to its default. Settings not named stay.</summary>
    Task AlterSettingsAsync(string topic, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken);

    /// <summary>Grows a topic to this many partitions. Keys published from then on may land in other partitions than before.</summary>
    Task AddPartitionsAsync(string topic, int total, CancellationToken cancellationToken);

    /// <summary>Groups with members or positions, sorted ordinally.</summary>
    Task<IReadOnlyList<string>> ListGroupsAsync(CancellationToken cancellationToken);

    /// <summary>A group and its members; null where there is neither a member nor a position.</summary>
    Task<GroupDescription?> FindGroupAsync(string group, CancellationToken cancellationToken);

    /// <summary>What a group has committed on all topics: the offset of the next record per partition.</summary>
    Task<IReadOnlyList<GroupPosition>> GetPositionsAsync(string group, CancellationToken cancellationToken);

    /// <summary>The groups of these names that exist, with their positions: at once, where the broker would look through all groups for each.</summary>
    async Task<IReadOnlyList<GroupState>> DescribeGroupsAsync(IReadOnlyList<string> groups, CancellationToken cancellationToken)
    {
        var found = new List<GroupState>();
        foreach (var name in groups)
        {
            var positions = await GetPositionsAsync(name, cancellationToken);
            // A group nobody can describe still has positions, and the reverse.
            if ((await FindGroupAsync(name, cancellationToken) ?? (positions.Count > 0 ? new GroupDescription(name, "Empty", []) : null)) is { } group)
                found.Add(new GroupState(group, positions));
        }

        return found;
    }

    /// <summary>Moves committed positions, all or none of them. False, and nothing is moved, while the group has members.</summary>
    Task<bool> MovePositionsAsync(string group, IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken);

    /// <summary>Per partition, the first offset whose record is not older than a time; the end of the partition where all are older.</summary>
    Task<IReadOnlyDictionary<int, long>> FindOffsetsAsync(string topic, DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>
    /// When the first record at or after each position was stored, ms since 1970-01-01T00:00:00Z; null where there is none, or
    /// the broker did not tell in time. In the order of the question.
    /// </summary>
    Task<IReadOnlyList<long?>> GetTimestampsAsync(IReadOnlyList<GroupPosition> positions, CancellationToken cancellationToken);

    /// <summary>Reads records of one partition in pages, without a group. A page is valid until the next one is asked for.</summary>
    IAsyncEnumerable<RecordPage> ReadAsync(RecordRange range, CancellationToken cancellationToken);

    /// <summary>Appends records with their bytes as they stand; the broker chooses partitions by key, as it does for publishers. Returns when all are stored.</summary>
    Task AppendAsync(string topic, IReadOnlyList<StoredRecord> records, CancellationToken cancellationToken);

    /// <summary>Gives partitions of a topic to members of a group (by <see cref="MemberDescription.Id"/>), until its members change.</summary>
    Task AssignAsync(string topic, string group, IReadOnlyDictionary<int, string> assignment, CancellationToken cancellationToken);
}
