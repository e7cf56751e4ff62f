namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Offsets of partitions by time, and those that groups have committed.</summary>
internal sealed class OffsetRequests(Topics topics, Groups groups)
{
    private const long Latest = -1;
    private const long Earliest = -2;

    public IEnumerable<Api> Apis =>
    [
        Api.Now(ApiKey.ListOffsets, 1, 5, List),
        Api.Now(ApiKey.OffsetCommit, 2, 6, Commit),
        Api.Now(ApiKey.OffsetFetch, 1, 5, Fetch),
    ];

    private WireWriter List(Request request)
    {
        var (body, version) = (request.Body, request.Version);
        body.Int32();
        if (version >= 2)
            body.Int8();
        var asked = body.Array(() => (Topic: body.String(), Partitions: body.Array(() =>
        {
            var index = body.Int32();
            if (version >= 4)
                body.Int32();
            return (Index: index, Time: body.Int64());
        })));
        var answer = new WireWriter().When(version >= 2, one => one.Int32(0));
        return answer.Array(asked, topic => answer.String(topic.Topic).Array(topic.Partitions, wanted =>
        {
            var (offset, timestamp, error) = topics.With(topic.Topic, wanted.Index, partition => Find(partition, wanted.Time), (-1L, -1L, ErrorCode.UnknownTopicOrPartition));
            answer.Int32(wanted.Index).Error(error).Int64(timestamp).Int64(offset).When(version >= 4, one => one.Int32(0));
        }));
    }

    /// <summary>An offset of -1 says that no record is so new.</summary>
    private static (long Offset, long Timestamp, ErrorCode Error) Find(Partition partition, long time) => time switch
    {
        Latest => (partition.High, -1, ErrorCode.None),
        Earliest => (partition.Low, -1, ErrorCode.None),
        // Newer requests of this kind come in versions that are not told.
        < 0 => (-1, -1, ErrorCode.UnsupportedVersion),
        _ => partition.Find(time) is { } found ? (found.Offset, found.Timestamp, ErrorCode.None) : (-1, -1, ErrorCode.None),
    };

    private WireWriter Commit(Request request)
    {
        var (body, version) = (request.Body, request.Version);
        var (group, generation, member) = (body.String(), body.Int32(), body.String());
        if (version <= 4)
            body.Int64();
        var asked = body.Array(() => (Topic: body.String(), Partitions: body.Array(() =>
        {
            var (index, offset) = (body.Int32(), body.Int64());
            if (version >= 6)
                body.Int32();
            return (Index: index, Offset: offset, Note: body.NullableString());
        })));
        var refused = groups.MayCommit(group, generation, member);
        var answer = new WireWriter().When(version >= 3, one => one.Int32(0));
        return answer.Array(asked, topic => answer.String(topic.Topic).Array(topic.Partitions, wanted =>
        {
            var error = refused != ErrorCode.None ? refused : topics.With(topic.Topic, wanted.Index, _ => ErrorCode.None, ErrorCode.UnknownTopicOrPartition);
            if (error == ErrorCode.None)
                groups.Commit(group, topic.Topic, wanted.Index, wanted.Offset, wanted.Note);
            answer.Int32(wanted.Index).Error(error);
        }));
    }

    private WireWriter Fetch(Request request)
    {
        var (body, version) = (request.Body, request.Version);
        var group = body.String();
        var asked = body.NullableArray(() => (Topic: body.String(), Partitions: body.Array(body.Int32)));
        var committed = groups.Committed(group);
        asked ??= [.. committed.Keys.GroupBy(place => place.Topic, StringComparer.Ordinal).Select(topic => (topic.Key, topic.Select(place => place.Partition).Order().ToArray()))];
        var answer = new WireWriter().When(version >= 3, one => one.Int32(0));
        answer.Array(asked, topic => answer.String(topic.Topic).Array(topic.Partitions, partition =>
        {
            var (offset, note) = committed.TryGetValue((topic.Topic, partition), out var found) ? found : (-1, "");
            answer.Int32(partition).Int64(offset).When(version >= 5, one => one.Int32(-1)).String(note).Error(ErrorCode.None);
        }));
        return answer.When(version >= 2, one => one.Error(ErrorCode.None));
    }
}
