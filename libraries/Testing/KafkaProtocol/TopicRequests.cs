namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Makes, grows and deletes topics.</summary>
internal sealed class TopicRequests(Topics topics, Groups groups)
{
    public IEnumerable<Api> Apis =>
    [
        Api.Now(ApiKey.CreateTopics, 0, 4, Create),
        Api.Now(ApiKey.DeleteTopics, 0, 3, Delete),
        Api.Now(ApiKey.CreatePartitions, 0, 1, Grow),
    ];

    private WireWriter Create(Request request)
    {
        var body = request.Body;
        var wanted = body.Array(() => new Wanted(
            body.String(), body.Int32(), body.Int16(), body.Array(() => (Partition: body.Int32(), Nodes: body.Array(body.Int32))), body.Array(() => (Name: body.String(), Value: body.NullableString()))));
        body.Int32();
        var isCheck = request.Version >= 1 && body.Boolean();
        var answer = new WireWriter().When(request.Version >= 2, one => one.Int32(0));
        return answer.Array(wanted, topic =>
        {
            var (error, message) = Create(topic, request.Version, isCheck);
            answer.String(topic.Name).Error(error).When(request.Version >= 1, one => one.String(message));
        });
    }

    private (ErrorCode Error, string? Message) Create(Wanted wanted, short version, bool isCheck)
    {
        if (!Topics.IsName(wanted.Name))
            return (ErrorCode.InvalidTopic, $"Topic name is invalid: '{wanted.Name}' has characters that are not allowed, or too many");
        if (topics.Find(wanted.Name) is not null)
            return (ErrorCode.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists.");
        var placed = wanted.Placed.Length > 0;
        if (placed && (wanted.Partitions != -1 || wanted.Replicas != -1))
            return (ErrorCode.InvalidRequest, "Both counts and an assignment of replicas were given.");
        if (placed && !(wanted.Placed.Select(place => place.Partition).Order().SequenceEqual(Enumerable.Range(0, wanted.Placed.Length)) && wanted.Placed.All(place => place.Nodes is [KafkaTestBroker.NodeId])))
            return (ErrorCode.InvalidReplicaAssignment, "The assignment names partitions or brokers that there are not.");
        // Defaults of the broker can be asked for from version 4 on.
        var isDefault = wanted.Partitions == -1 && (version >= 4 || placed);
        if (wanted.Partitions < 1 && !isDefault)
            return (ErrorCode.InvalidPartitions, "Number of partitions must be larger than 0.");
        if (wanted.Replicas != 1 && !(wanted.Replicas == -1 && (version >= 4 || placed)))
            return (ErrorCode.InvalidReplicationFactor, $"Replication factor: {wanted.Replicas} larger than available brokers: 1, or below 1.");
        var count = placed ? wanted.Placed.Length : isDefault ? topics.DefaultPartitions : wanted.Partitions;
        var topic = new Topic(wanted.Name, count);
        foreach (var (name, value) in wanted.Settings)
        {
            if (SettingCatalogue.Check(name, value) is { } fault)
                return (ErrorCode.InvalidConfig, fault);
            if (value is not null)
                topic.Settings[name] = value;
        }

        return isCheck || topics.TryAdd(topic) ? (ErrorCode.None, null) : (ErrorCode.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists.");
    }

    private WireWriter Delete(Request request)
    {
        var names = request.Body.Array(request.Body.String);
        var answer = new WireWriter().When(request.Version >= 1, one => one.Int32(0));
        return answer.Array(names, name =>
        {
            var removed = topics.TryRemove(name);
            if (removed)
                groups.Forget(name);
            answer.String(name).Error(removed ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition);
        });
    }

    private WireWriter Grow(Request request)
    {
        var body = request.Body;
        var wanted = body.Array(() => (Name: body.String(), Total: body.Int32(), Placed: body.NullableArray(() => body.Array(body.Int32))));
        body.Int32();
        var isCheck = body.Boolean();
        var answer = new WireWriter().Int32(0);
        return answer.Array(wanted, topic =>
        {
            var (error, message) = Grow(topic.Name, topic.Total, topic.Placed, isCheck);
            answer.String(topic.Name).Error(error).String(message);
        });
    }

    private (ErrorCode Error, string? Message) Grow(string name, int total, int[][]? placed, bool isCheck)
    {
        if (topics.Find(name) is not { } topic)
            return (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
        lock (topic.Lock)
        {
            if (total <= topic.Partitions.Count)
                return (ErrorCode.InvalidPartitions, $"The topic currently has {topic.Partitions.Count} partition(s); {total} would not be an increase.");
            if (placed is not null && (placed.Length != total - topic.Partitions.Count || placed.Any(nodes => nodes is not [KafkaTestBroker.NodeId])))
                return (ErrorCode.InvalidReplicaAssignment, "The assignment does not name one known broker for each new partition.");
            while (!isCheck && topic.Partitions.Count < total)
                topic.Partitions.Add(new Partition());
        }

        return (ErrorCode.None, null);
    }

    private sealed record Wanted(string Name, int Partitions, short Replicas, (int Partition, int[] Nodes)[] Placed, (string Name, string? Value)[] Settings);
}
