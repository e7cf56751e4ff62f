namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Which brokers and topics there are, and who is the coordinator of a group: always this one.</summary>
internal sealed class ClusterRequests(Topics topics, int port)
{
    /// <summary>What a broker without access control tells of what a client may do.</summary>
    private const int Untold = int.MinValue;

    private const string Host = "127.0.0.1";

    public IEnumerable<Api> Apis =>
    [
        Api.Now(ApiKey.Metadata, 1, 8, Describe),
        Api.Now(ApiKey.FindCoordinator, 0, 2, FindCoordinator),
    ];

    private WireWriter Describe(Request request)
    {
        var names = request.Body.NullableArray(request.Body.String);
        var mayCreate = request.Version < 4 || request.Body.Boolean();
        var found = names is null
            ? topics.All.Select(topic => (topic.Name, Topic: (Topic?)topic))
            : names.Select(name => (Name: name, Topic: topics.FindOrCreate(name, mayCreate)));
        var version = request.Version;
        return new WireWriter().When(version >= 3, answer => answer.Int32(0))
            .Int32(1).Int32(KafkaTestBroker.NodeId).String(Host).Int32(port).String(null)
            .When(version >= 2, answer => answer.String("test-cluster"))
            .Int32(KafkaTestBroker.NodeId)
            .With(answer => answer.Array([.. found], entry => Describe(answer, entry.Name, entry.Topic, version)))
            .When(version >= 8, answer => answer.Int32(Untold));
    }

    private static void Describe(WireWriter answer, string name, Topic? topic, short version)
    {
        var unknown = Topics.IsName(name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic;
        int count;
        lock (topic?.Lock ?? new Lock())
            count = topic?.Partitions.Count ?? 0;
        answer.Error(topic is null ? unknown : ErrorCode.None).String(name).Boolean(false)
            .Array([.. Enumerable.Range(0, count)], partition => answer
                .Error(ErrorCode.None).Int32(partition).Int32(KafkaTestBroker.NodeId)
                .When(version >= 7, one => one.Int32(0))
                .Array([KafkaTestBroker.NodeId], node => answer.Int32(node))
                .Array([KafkaTestBroker.NodeId], node => answer.Int32(node))
                .When(version >= 5, one => one.Int32(0)))
            .When(version >= 8, one => one.Int32(Untold));
    }

    private WireWriter FindCoordinator(Request request)
    {
        request.Body.String();
        var isGroup = request.Version < 1 || request.Body.Int8() == 0;
        // There are no transactions, so nobody coordinates them.
        var error = isGroup ? ErrorCode.None : ErrorCode.TransactionalIdAuthorizationFailed;
        return new WireWriter().When(request.Version >= 1, answer => answer.Int32(0)).Error(error).When(request.Version >= 1, answer => answer.String(null))
            .Int32(isGroup ? KafkaTestBroker.NodeId : -1).String(isGroup ? Host : "").Int32(isGroup ? port : -1);
    }
}
