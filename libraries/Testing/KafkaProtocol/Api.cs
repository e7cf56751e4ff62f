namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>A request as it came in.</summary>
/// <param name="Client">The client's own name.</param>
/// <param name="Host">Where it calls from, as brokers tell it.</param>
internal sealed record Request(ApiKey Key, short Version, int Correlation, string Client, string Host, WireReader Body);

/// <summary>Answers a request; null where none is wanted.</summary>
internal delegate ValueTask<WireWriter?> Answer(Request request, CancellationToken cancellationToken);

/// <summary>A kind of request and the versions of it that are answered: those before the protocol's compact encoding.</summary>
internal sealed record Api(ApiKey Key, short Oldest, short Newest, Answer Answer)
{
    public static Api Now(ApiKey key, short oldest, short newest, Func<Request, WireWriter> answer) =>
        new(key, oldest, newest, (request, _) => new ValueTask<WireWriter?>(answer(request)));
}
