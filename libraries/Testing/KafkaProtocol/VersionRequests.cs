namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Tells clients which requests are answered.</summary>
internal static class VersionRequests
{
    private const short Newest = 3;

    public static Api Of(IReadOnlyDictionary<ApiKey, Api> apis) => Api.Now(ApiKey.ApiVersions, 0, Newest, request => request.Version switch
    {
        < 0 or > Newest => Plain(new WireWriter().Error(ErrorCode.UnsupportedVersion), apis),
        Newest => Compact(apis),
        var version => Plain(new WireWriter().Error(ErrorCode.None), apis).When(version >= 1, answer => answer.Int32(0)),
    });

    private static WireWriter Plain(WireWriter answer, IReadOnlyDictionary<ApiKey, Api> apis) =>
        answer.Array([.. apis.Values], api => answer.Int16((short)api.Key).Int16(api.Oldest).Int16(api.Newest));

    /// <summary>Lengths are one more than they count, and every structure ends with its (no) tags.</summary>
    private static WireWriter Compact(IReadOnlyDictionary<ApiKey, Api> apis)
    {
        var answer = new WireWriter().Error(ErrorCode.None).Int8(apis.Count + 1);
        foreach (var api in apis.Values)
            answer.Int16((short)api.Key).Int16(api.Oldest).Int16(api.Newest).Int8(0);
        return answer.Int32(0).Int8(0);
    }
}
