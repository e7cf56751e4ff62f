namespace RealTimeMesh.Sidecar.Errors;

/// <summary>The label <c>category</c> that an error is counted under.</summary>
internal static class ErrorCategory
{
    public static string Of(ApiError error) => error.Code switch
    {
        _ when error.Reason?.StartsWith("DAPR_PUBSUB", StringComparison.Ordinal) == true => "pubsub",
        _ when error.Reason?.StartsWith("DAPR_STATE", StringComparison.Ordinal) == true => "state",
        "ERR_DIRECT_INVOKE" => "service-invocation",
        "ERR_PUBLISH_OUTBOX" or "ERR_TOPIC_NAME_EMPTY" => "pubsub",
        "ERR_NOT_SUPPORTED_STATE_OPERATION" => "state",
        "ERR_PERMISSION_DENIED" => "secret",
        "ERR_OUTBOUND_HEALTH_NOT_READY" => "health",
        var code when Starts(code, "ERR_PUBSUB") => "pubsub",
        var code when Starts(code, "ERR_STATE") => "state",
        var code when Starts(code, "ERR_SECRET") => "secret",
        var code when Starts(code, "ERR_HEALTH") => "health",
        var code when Starts(code, "ERR_INSTANCE_ID") || code.EndsWith("_WORKFLOW", StringComparison.Ordinal) || Starts(code, "ERR_WORKFLOW") => "workflow",
        _ => "common",
    };

    private static bool Starts(string code, string prefix) => code.StartsWith(prefix, StringComparison.Ordinal);
}
