namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Stores, reads and deletes records.</summary>
internal sealed class RecordRequests(Topics topics, TimeProvider time)
{
    private const int DefaultMaxMessageBytes = 1048588;

    private long _producers = 1000;

    public IEnumerable<Api> Apis =>
    [
        Api.Now(ApiKey.InitProducerId, 0, 1, InitProducer),
        new(ApiKey.Produce, 3, 8, (request, _) => new ValueTask<WireWriter?>(Produce(request))),
        new(ApiKey.Fetch, 4, 11, FetchAsync),
        Api.Now(ApiKey.DeleteRecords, 0, 1, Delete),
    ];

    /// <summary>A fetch's question about one partition.</summary>
    private readonly record struct Wanted(int Partition, long Offset, int Bytes);

    private readonly record struct Found(int Partition, ErrorCode Error, long Low, long High, ReadOnlyMemory<byte> Records);

    private WireWriter InitProducer(Request request)
    {
        var isTransactional = request.Body.NullableString() is not null;
        return new WireWriter().Int32(0).Error(isTransactional ? ErrorCode.TransactionalIdAuthorizationFailed : ErrorCode.None)
            .Int64(isTransactional ? -1 : Interlocked.Increment(ref _producers)).Int16(isTransactional ? -1 : 0);
    }

    private WireWriter? Produce(Request request)
    {
        var body = request.Body;
        var isTransactional = body.NullableString() is not null;
        var acks = body.Int16();
        body.Int32();
        var sent = body.Array(() => (Topic: body.String(), Partitions: body.Array(() => (Index: body.Int32(), Records: body.NullableBytes()))));
        var version = request.Version;
        var answer = new WireWriter();
        answer.Array(sent, topic => answer.String(topic.Topic).Array(topic.Partitions, partition =>
        {
            var refused = acks is < -1 or > 1 ? ErrorCode.InvalidRequiredAcks : isTransactional ? ErrorCode.TransactionalIdAuthorizationFailed : ErrorCode.None;
            var (offset, low, error) = refused == ErrorCode.None ? Append(topic.Topic, partition.Index, partition.Records ?? default) : (-1, -1, refused);
            answer.Int32(partition.Index).Error(error).Int64(offset).Int64(-1)
                .When(version >= 5, one => one.Int64(low))
                .When(version >= 8, one => one.Int32(0).String(null));
        }));
        topics.Signal();
        return acks == 0 ? null : answer.Int32(0);
    }

    private (long Offset, long Low, ErrorCode Error) Append(string name, int index, ReadOnlyMemory<byte> records)
    {
        var (batches, error) = RecordBatch.Parse(records.Span);
        if (error != ErrorCode.None)
            return (-1, -1, error);
        var largest = topics.Find(name) is { } topic && topic.Settings.TryGetValue("max.message.bytes", out var set) ? int.Parse(set, System.Globalization.CultureInfo.InvariantCulture) : DefaultMaxMessageBytes;
        if (batches.Any(batch => batch.Bytes.Length > largest))
            return (-1, -1, ErrorCode.MessageTooLarge);
        return topics.With(
            name,
            index,
            partition =>
            {
                var (offset, refused) = partition.Append(batches);
                return (offset, partition.Low, refused);
            },
            (-1L, -1L, ErrorCode.UnknownTopicOrPartition));
    }

    private async ValueTask<WireWriter?> FetchAsync(Request request, CancellationToken cancellationToken)
    {
        var body = request.Body;
        body.Int32();
        var patience = TimeSpan.FromMilliseconds(body.Int32());
        var (least, most) = (body.Int32(), body.Int32());
        body.Int8();
        if (request.Version >= 7)
            body.Take(8);
        var asked = body.Array(() => (Topic: body.String(), Partitions: body.Array(() => ReadWanted(body, request.Version))));
        var began = time.GetTimestamp();
        while (true)
        {
            var changed = topics.Changed;
            var left = most;
            var found = asked.Select(topic => (topic.Topic, Partitions: topic.Partitions.Select(wanted => Read(topic.Topic, wanted, ref left)).ToArray())).ToArray();
            var rest = patience - time.GetElapsedTime(began);
            var isEnough = most - left >= least || found.Any(topic => topic.Partitions.Any(partition => partition.Error != ErrorCode.None));
            if (isEnough || rest <= TimeSpan.Zero)
                return Answer(request.Version, found);
            try
            {
                await changed.WaitAsync(rest, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Nothing came: what there is is told.
            }
        }
    }

    private static Wanted ReadWanted(WireReader body, short version)
    {
        var partition = body.Int32();
        if (version >= 9)
            body.Int32();
        var offset = body.Int64();
        if (version >= 5)
            body.Int64();
        return new Wanted(partition, offset, body.Int32());
    }

    /// <summary>What the whole answer may hold shrinks; its first partition gets a batch whatever its size.</summary>
    private Found Read(string topic, Wanted wanted, ref int left)
    {
        var room = left;
        var found = topics.With(
            topic,
            wanted.Partition,
            partition => wanted.Offset < partition.Low || wanted.Offset > partition.High
                ? new Found(wanted.Partition, ErrorCode.OffsetOutOfRange, partition.Low, -1, default)
                : new Found(wanted.Partition, ErrorCode.None, partition.Low, partition.High, room > 0 ? partition.Read(wanted.Offset, Math.Min(room, wanted.Bytes)) : default),
            new Found(wanted.Partition, ErrorCode.UnknownTopicOrPartition, -1, -1, default));
        left -= found.Records.Length;
        return found;
    }

    /// <summary>Session 0: every fetch names all of its partitions again.</summary>
    private static WireWriter Answer(short version, (string Topic, Found[] Partitions)[] found)
    {
        var answer = new WireWriter().Int32(0).When(version >= 7, one => one.Error(ErrorCode.None).Int32(0));
        return answer.Array(found, topic => answer.String(topic.Topic).Array(topic.Partitions, partition => answer
            .Int32(partition.Partition).Error(partition.Error).Int64(partition.High).Int64(partition.High)
            .When(version >= 5, one => one.Int64(partition.Low))
            .Int32(-1)
            .When(version >= 11, one => one.Int32(-1))
            .Bytes(partition.Records.Span)));
    }

    private WireWriter Delete(Request request)
    {
        var body = request.Body;
        var asked = body.Array(() => (Topic: body.String(), Partitions: body.Array(() => (Index: body.Int32(), Offset: body.Int64()))));
        var answer = new WireWriter().Int32(0);
        return answer.Array(asked, topic => answer.String(topic.Topic).Array(topic.Partitions, wanted =>
        {
            var (low, error) = topics.With(
                topic.Topic,
                wanted.Index,
                partition => partition.DeleteBelow(wanted.Offset) ? (partition.Low, ErrorCode.None) : (-1L, ErrorCode.OffsetOutOfRange),
                (-1L, ErrorCode.UnknownTopicOrPartition));
            answer.Int32(wanted.Index).Int64(low).Error(error);
        }));
    }
}
