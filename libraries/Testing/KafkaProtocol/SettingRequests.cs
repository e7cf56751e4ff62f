namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Tells and changes settings of topics. The broker itself has none.</summary>
internal sealed class SettingRequests(Topics topics)
{
    private const sbyte TopicResource = 2;
    private const int SetForTopic = 1;
    private const int Default = 5;

    public IEnumerable<Api> Apis =>
    [
        Api.Now(ApiKey.DescribeConfigs, 0, 3, Describe),
        Api.Now(ApiKey.AlterConfigs, 0, 1, Replace),
        Api.Now(ApiKey.IncrementalAlterConfigs, 0, 0, Alter),
    ];

    private WireWriter Describe(Request request)
    {
        var body = request.Body;
        var asked = body.Array(() => (Type: body.Int8(), Name: body.String(), Settings: body.NullableArray(body.String)));
        var synonyms = request.Version >= 1 && body.Boolean();
        var answer = new WireWriter().Int32(0);
        return answer.Array(asked, resource =>
        {
            var (topic, error, message) = Find(resource.Type, resource.Name);
            answer.Error(error).String(message).Int8(resource.Type).String(resource.Name);
            answer.Array<KeyValuePair<string, string>>(topic is null ? [] : [.. SettingCatalogue.Defaults.Where(setting => resource.Settings?.Contains(setting.Key) ?? true)], setting =>
                Describe(answer, request.Version, setting, topic!.Settings.GetValueOrDefault(setting.Key), synonyms));
        });
    }

    private static void Describe(WireWriter answer, short version, KeyValuePair<string, string> setting, string? set, bool synonyms)
    {
        answer.String(setting.Key).String(set ?? setting.Value).Boolean(false);
        if (version == 0)
        {
            answer.Boolean(set is null).Boolean(false);
            return;
        }

        (string? Value, int Source)[] told = set is null ? [(setting.Value, Default)] : [(set, SetForTopic), (setting.Value, Default)];
        answer.Int8(set is null ? Default : SetForTopic).Boolean(false)
            .Array(synonyms ? told : [], synonym => answer.String(setting.Key).String(synonym.Value).Int8(synonym.Source))
            .When(version >= 3, one => one.Int8(2).String(null));
    }

    /// <summary>The older request: what it does not name goes back to its default.</summary>
    private WireWriter Replace(Request request)
    {
        var body = request.Body;
        var resources = body.Array(() => (Type: body.Int8(), Name: body.String(), Settings: body.Array(() => (Name: body.String(), Value: body.NullableString()))));
        var isCheck = body.Boolean();
        var answer = new WireWriter().Int32(0);
        return answer.Array(resources, resource =>
        {
            var (topic, error, message) = Find(resource.Type, resource.Name);
            if (topic is not null && resource.Settings.Select(setting => SettingCatalogue.Check(setting.Name, setting.Value)).FirstOrDefault(fault => fault is not null) is { } wrong)
                (topic, error, message) = (null, ErrorCode.InvalidConfig, wrong);
            if (topic is not null && !isCheck)
            {
                topic.Settings.Clear();
                foreach (var (name, value) in resource.Settings.Where(setting => setting.Value is not null))
                    topic.Settings[name] = value!;
            }

            answer.Error(error).String(message).Int8(resource.Type).String(resource.Name);
        });
    }

    private WireWriter Alter(Request request)
    {
        var body = request.Body;
        var resources = body.Array(() => (Type: body.Int8(), Name: body.String(), Changes: body.Array(() => (Name: body.String(), Kind: body.Int8(), Value: body.NullableString()))));
        var isCheck = body.Boolean();
        var answer = new WireWriter().Int32(0);
        return answer.Array(resources, resource =>
        {
            var (topic, error, message) = Find(resource.Type, resource.Name);
            if (topic is not null)
                (error, message) = Alter(topic, resource.Changes, isCheck);
            answer.Error(error).String(message).Int8(resource.Type).String(resource.Name);
        });
    }

    /// <summary>All changes of a topic are made, or none.</summary>
    private static (ErrorCode Error, string? Message) Alter(Topic topic, (string Name, sbyte Kind, string? Value)[] changes, bool isCheck)
    {
        if (changes.GroupBy(change => change.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return (ErrorCode.InvalidRequest, $"Error due to duplicate config keys: {twice.Key}");
        foreach (var (name, kind, value) in changes)
        {
            // Appending to and taking from lists are not known here.
            if (kind is not (0 or 1))
                return (ErrorCode.InvalidRequest, $"Operation {kind} is not known for {name}");
            if (SettingCatalogue.Check(name, kind == 0 ? value ?? "" : null) is { } fault)
                return (ErrorCode.InvalidConfig, fault);
        }

        foreach (var (name, kind, value) in isCheck ? [] : changes)
        {
            if (kind == 0)
                topic.Settings[name] = value ?? "";
            else
                topic.Settings.TryRemove(name, out _);
        }

        return (ErrorCode.None, null);
    }

    private (Topic? Topic, ErrorCode Error, string? Message) Find(sbyte type, string name)
    {
        if (type != TopicResource)
            return (null, ErrorCode.InvalidRequest, $"Resources of type {type} have no settings here");
        return topics.Find(name) is { } topic ? (topic, ErrorCode.None, null) : (null, ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
    }
}
