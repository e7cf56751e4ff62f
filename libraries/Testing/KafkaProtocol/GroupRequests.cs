namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>Consumers' membership in groups, and what tools ask about it.</summary>
internal sealed class GroupRequests(Groups groups)
{
    private static readonly TimeSpan ShortestSession = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestSession = TimeSpan.FromMinutes(30);

    public IEnumerable<Api> Apis =>
    [
        new(ApiKey.JoinGroup, 0, 4, JoinAsync),
        new(ApiKey.SyncGroup, 0, 2, SyncAsync),
        Api.Now(ApiKey.Heartbeat, 0, 2, Heartbeat),
        Api.Now(ApiKey.LeaveGroup, 0, 2, Leave),
        Api.Now(ApiKey.DescribeGroups, 0, 3, Describe),
        Api.Now(ApiKey.ListGroups, 0, 2, List),
        Api.Now(ApiKey.DeleteGroups, 0, 1, Delete),
    ];

    private async ValueTask<WireWriter?> JoinAsync(Request request, CancellationToken cancellationToken)
    {
        var (body, version) = (request.Body, request.Version);
        var name = body.String();
        var session = TimeSpan.FromMilliseconds(body.Int32());
        var rebalance = version >= 1 ? TimeSpan.FromMilliseconds(body.Int32()) : session;
        var (member, kind) = (body.String(), body.String());
        var joining = new Joining(request.Client, request.Host, session, rebalance, kind, body.Array(() => (body.String(), body.Bytes())));
        var answer = name.Length == 0 ? JoinAnswer.Refused(ErrorCode.InvalidGroupId)
            : session < ShortestSession || session > LongestSession ? JoinAnswer.Refused(ErrorCode.InvalidSessionTimeout)
            : await groups.With(name, group => group.Join(member, joining, mustKnowId: version >= 4)).WaitAsync(cancellationToken);
        var written = new WireWriter().When(version >= 2, one => one.Int32(0)).Error(answer.Error).Int32(answer.Generation).String(answer.Protocol).String(answer.Leader).String(answer.Member);
        return written.Array(answer.Members, one => written.String(one.Member).Bytes(one.Subscription.Span));
    }

    private async ValueTask<WireWriter?> SyncAsync(Request request, CancellationToken cancellationToken)
    {
        var body = request.Body;
        var (name, generation, member) = (body.String(), body.Int32(), body.String());
        var assignments = body.Array(() => (Member: body.String(), Part: body.Bytes())).ToDictionary(one => one.Member, one => one.Part, StringComparer.Ordinal);
        var answer = await groups.Find(name, group => group.Sync(member, generation, assignments), Task.FromResult(new SyncAnswer(ErrorCode.UnknownMemberId, default))).WaitAsync(cancellationToken);
        return new WireWriter().When(request.Version >= 1, one => one.Int32(0)).Error(answer.Error).Bytes(answer.Assignment.Span);
    }

    private WireWriter Heartbeat(Request request)
    {
        var body = request.Body;
        var (name, generation, member) = (body.String(), body.Int32(), body.String());
        return new WireWriter().When(request.Version >= 1, one => one.Int32(0)).Error(groups.Find(name, group => group.Heartbeat(member, generation), ErrorCode.UnknownMemberId));
    }

    private WireWriter Leave(Request request)
    {
        var (name, member) = (request.Body.String(), request.Body.String());
        return new WireWriter().When(request.Version >= 1, one => one.Int32(0)).Error(groups.Find(name, group => group.Leave(member), ErrorCode.UnknownMemberId));
    }

    private WireWriter List(Request request)
    {
        var answer = new WireWriter().When(request.Version >= 1, one => one.Int32(0)).Error(ErrorCode.None);
        return answer.Array(groups.List(), group => answer.String(group.Name).String(group.Kind));
    }

    private WireWriter Describe(Request request)
    {
        var names = request.Body.Array(request.Body.String);
        var answer = new WireWriter().When(request.Version >= 1, one => one.Int32(0));
        return answer.Array(names, name =>
        {
            answer.Error(ErrorCode.None).String(name);
            var isKnown = groups.FindKnown(
                name,
                group =>
                {
                    var isSettled = group.State == Group.Stable;
                    answer.String(group.State).String(group.Kind).String(isSettled ? group.Protocol : "").Array([.. group.Members], member => answer
                        .String(member.Id).String(member.Joining.Client).String(member.Joining.Host)
                        .Bytes(isSettled ? member.Subscription(group.Protocol).Span : default)
                        .Bytes(isSettled ? member.Assignment.Span : default));
                    return true;
                },
                false);
            // A group nobody has heard of is dead, not missing.
            if (!isKnown)
                answer.String("Dead").String("").String("").Int32(0);
            answer.When(request.Version >= 3, one => one.Int32(int.MinValue));
        });
    }

    private WireWriter Delete(Request request)
    {
        var names = request.Body.Array(request.Body.String);
        var answer = new WireWriter().Int32(0);
        return answer.Array(names, name => answer.String(name).Error(groups.Delete(name)));
    }
}
