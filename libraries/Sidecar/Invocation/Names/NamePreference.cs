namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>
/// Which of the known sidecars are an app's: those of the asked namespace, and where there are none, those of any. Dapr on
/// one host (mDNS) does not tell namespaces apart, and apps rely on it.
/// </summary>
internal static class NamePreference
{
    public static IReadOnlyList<string> Addresses(IEnumerable<NameRegistration> known, string appId, string appNamespace)
    {
        List<string>? same = null;
        List<string>? other = null;
        foreach (var registration in known)
        {
            if (registration.AppId != appId)
                continue;
            if (registration.Namespace == appNamespace)
                (same ??= []).Add(registration.Address);
            else
                (other ??= []).Add(registration.Address);
        }

        return same ?? other ?? [];
    }
}
