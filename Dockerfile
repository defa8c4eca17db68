# docker build -t postern .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/postern ./cmd/postern \
 && mkdir -m 1777 /out/tmp

FROM scratch
# For HTTPS integrations and JWT issuers.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# Whole, so that /tmp keeps its mode.
COPY --from=build /out /
EXPOSE 4566
ENTRYPOINT ["/postern"]
CMD ["start", "--listen", "0.0.0.0:4566"]
