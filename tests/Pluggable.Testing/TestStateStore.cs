using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable.Testing;

/// <summary>What a test's state component does: keeps its items in a store of ours, and fails where the test says so.</summary>
/// <param name="store">Keeps the items.</param>
public sealed class TestStateStore(IStateStore store)
{
    public IStateStore Store { get; } = store;

    /// <summary>Names that <c>Features</c> answers.</summary>
    public IReadOnlyList<string> Features { get; init; } = ["ETAG", "TRANSACTIONAL", "TTL"];

    /// <summary>What <c>MultiMaxSize</c> answers; null: the service is not served.</summary>
    public int? MaxTransactionSize { get; init; }

    /// <summary>The error of a method (<c>Get</c>, <c>Set</c>, <c>Delete</c>, <c>BulkGet</c>, <c>BulkSet</c>, <c>BulkDelete</c>, <c>Query</c>, <c>Transact</c>), or null.</summary>
    public Func<string, RpcException?> Fails { get; set; } = _ => null;

    /// <summary>Answers queries.</summary>
    public Func<QueryRequest, QueryResponse> OnQuery { get; init; } = _ => new QueryResponse();

    /// <summary>Every request, in the order they came.</summary>
    public ConcurrentQueue<Google.Protobuf.IMessage> Requests { get; } = new();

    /// <summary>Settings of each Init.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Initialized { get; } = new();

    internal void Enter(string method, Google.Protobuf.IMessage request)
    {
        Requests.Enqueue(request);
        if (Fails(method) is { } error)
            throw error;
    }
}

/// <summary>Errors with details, as components send them.</summary>
public static class ComponentErrors
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>An error that also chooses what HTTP callers see.</summary>
    public static RpcException WithHttpStatus(StatusCode code, int httpStatus, string message, string tag, string reason, string domain) => With(
        code,
        message,
        new Google.Rpc.ErrorInfo { Reason = reason, Domain = domain, Metadata = { ["kit_error"] = "true", ["http_code"] = $"{httpStatus}", ["tag"] = tag } });

    /// <summary>An ETag that does not match (FailedPrecondition) or is none (InvalidArgument).</summary>
    public static RpcException ETag(bool invalid, string description) => With(
        invalid ? StatusCode.InvalidArgument : StatusCode.FailedPrecondition,
        description,
        new Google.Rpc.BadRequest { FieldViolations = { new Google.Rpc.BadRequest.Types.FieldViolation { Field = "etag", Description = description } } });

    /// <summary>An error with one detail.</summary>
    public static RpcException With(StatusCode code, string message, Google.Protobuf.IMessage detail)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message, Details = { Any.Pack(detail) } };
        return new RpcException(new Status(code, message), new Metadata { { DetailsTrailer, Google.Protobuf.MessageExtensions.ToByteArray(status) } });
    }
}
