namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>An app as callers name it: <c>id</c> or <c>id.namespace</c>.</summary>
internal readonly record struct AppName(string Id, string Namespace)
{
    /// <summary>Throws <see cref="InvokeException"/> where it is none.</summary>
    public static AppName Parse(string target, string ownNamespace)
    {
        if (target.Length == 0)
            throw new InvokeException("app id is empty");
        return target.Split('.') switch
        {
            [var id] => new AppName(id, ownNamespace),
            [var id, var space] => new AppName(id, space),
            _ => throw new InvokeException($"invalid app id {target}"),
        };
    }
}
