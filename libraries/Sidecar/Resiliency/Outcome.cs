namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>How one attempt, or all of them, ended: a value, an error, or a value together with an error (such as an answer with status 500).</summary>
/// <param name="Value">What the operation gave, also where it failed.</param>
/// <param name="Error">Null where it succeeded.</param>
/// <param name="Code">The HTTP (100 to 599) or gRPC (0 to 16) status of the failure: the retry policy's <c>matching</c> decides on it.</param>
/// <param name="IsPermanent">No policy may repeat the operation.</param>
internal readonly record struct Outcome<T>(T? Value, Exception? Error = null, int? Code = null, bool IsPermanent = false)
{
    public bool Succeeded => Error is null;
}

/// <summary>One try of an operation.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Token">Cancelled by the caller or by the policy's timeout.</param>
internal readonly record struct Attempt(int Number, CancellationToken Token);

/// <summary>What a failure means to a policy.</summary>
/// <param name="Code">As in <see cref="Outcome{T}.Code"/>.</param>
internal readonly record struct Failure(int? Code = null, bool IsPermanent = false)
{
    public static Failure Retriable => default;

    public static Failure Permanent => new(null, true);

    /// <summary>What an exception says of itself: see <see cref="StatusCodeException"/>.</summary>
    public static Failure Of(Exception exception) => exception is StatusCodeException status ? new Failure(status.StatusCode) : Retriable;
}

/// <summary>What is to be done with values of single attempts. Neither runs for an attempt that its timeout has cut off, save <see cref="Discard"/>.</summary>
internal sealed record RunHooks<T>
{
    /// <summary>Takes the value of each attempt that ended in time, failed or not, before the next one begins.</summary>
    public Action<T>? Accumulate { get; init; }

    /// <summary>No attempt begins once it is cancelled: the outcome of the last one stands.</summary>
    public CancellationToken Closing { get; init; }

    /// <summary>Frees a value that nobody will see: that of a failed attempt which is repeated, or one that came after its timeout.</summary>
    public Action<T>? Discard { get; init; }
}
