namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>What a client says when it joins a group.</summary>
/// <param name="Protocols">Its assignment strategies, the dearest first, each with its subscription.</param>
internal sealed record Joining(string Client, string Host, TimeSpan Session, TimeSpan Rebalance, string Kind, (string Name, ReadOnlyMemory<byte> Subscription)[] Protocols);

internal sealed record JoinAnswer(ErrorCode Error, int Generation, string Protocol, string Leader, string Member, IReadOnlyList<(string Member, ReadOnlyMemory<byte> Subscription)> Members)
{
    public static JoinAnswer Refused(ErrorCode error, string member = "") => new(error, -1, "", "", member, []);
}

internal sealed record SyncAnswer(ErrorCode Error, ReadOnlyMemory<byte> Assignment);

/// <summary>A live consumer of a group.</summary>
internal sealed class GroupMember(string id, Joining joining)
{
    public string Id { get; } = id;

    public Joining Joining { get; set; } = joining;

    public ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>Ends its membership when it is not heard of for a session.</summary>
    public ITimer? Session { get; set; }

    public TaskCompletionSource<JoinAnswer>? Join { get; set; }

    public TaskCompletionSource<SyncAnswer>? Sync { get; set; }

    public ReadOnlyMemory<byte> Subscription(string protocol) => Joining.Protocols.FirstOrDefault(known => known.Name == protocol).Subscription;
}
